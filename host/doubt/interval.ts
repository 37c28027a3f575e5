/** How far a step that is measured may lie from the predicted one: as far as validated steps of its kind did. */
import { OUTPUT } from '../../kernels/outputs.js';
import { PRECISION } from '../../kernels/workload/precision.js';
import { SLOT } from '../../psa/parameters.js';
import { machineAndSoftware } from '../../psa/software.js';
import type { CompiledSpace } from '../../psa/space.js';
import { designEvaluator, type EvaluatedDesign } from '../designs/designs.js';
import { weightedQuantiles } from '../statistics/statistics.js';
import {
  type Evidence,
  type EvidenceClass,
  type Format,
  loadEvidence,
  type ModelKind,
  type Validated,
} from './evidence.js';
import { shareOfOneMore } from './oneMore.js';
import { LEVELS, middle } from './spread.js';

/** The 90 % interval of a predicted time, and what it is taken from. */
export interface TimeInterval {
  readonly share: 0.9;
  readonly lowUs: number;
  readonly highUs: number;
  readonly validated: Validated;
  readonly model: ModelKind;
  readonly format: Format;
  /** Validated steps of the kind, of how many models on installations, from how many sources. */
  readonly steps: number;
  readonly models: number;
  readonly sources: number;
  /** How many publications that nobody fitted say what a whole publication, or a job of one's own, may differ by. */
  readonly publications: number;
  /** Is the job larger than any that was validated? */
  readonly largerThanValidated: boolean;
  /** Has it layers of state space? Whole steps of such hybrids were measured, but few kernels of scans by themselves. */
  readonly hasScans: boolean;
  /** Has it linear attention? No step of it was measured, and its kernels on two chips. */
  readonly hasLinearAttention: boolean;
}

/** A framework on a machine, as evidence lists it. */
export function installationName(machine: string, software: string | undefined): string {
  return software === undefined ? machine : `${software} on ${machine}`;
}

/** What of a machine and a framework was validated. */
export function validatedBy(
  machine: string,
  software: string | undefined,
  { installations }: Pick<Evidence, 'installations'>,
): Validated {
  if (installations.includes(installationName(machine, software))) return 'together';
  const knowsMachine = installations.some((one) => one === machine || one.endsWith(` on ${machine}`));
  const knowsFramework = software !== undefined && installations.some((one) => one.startsWith(`${software} on `));
  if (knowsMachine) return knowsFramework ? 'apart' : 'machine';
  return knowsFramework ? 'software' : 'neither';
}

/** The same of a system by its name. */
export function validatedOf(systemName: string, evidence: Pick<Evidence, 'installations'>): Validated {
  const { machine, software } = machineAndSoftware(systemName);
  return validatedBy(machine, software, evidence);
}

/** Steps of its kind: where none are known of its number format, those of another. */
export function classOfKind(
  own: Pick<EvidenceClass, 'validated' | 'model' | 'format'>,
  { classes }: Pick<Evidence, 'classes'>,
): EvidenceClass | undefined {
  const like = (...keys: (keyof typeof own)[]) => classes.find((one) => keys.every((key) => one[key] === own[key]));
  return like('validated', 'model', 'format') ?? like('validated', 'model');
}

const ENDS = [LEVELS[0]!, LEVELS.at(-1)!];

/**
 * The ends of the 90 % interval, ln(measured / predicted): a step differs as steps of its kind do, and with all steps of its publication
 * or cluster as one more does that nobody fitted, whichever of the known ones that is like. One more of few may lie beyond all of them, as
 * it does in conformal intervals of groups (Dunn, Wasserman and Ramdas, Journal of the American Statistical Association 118, 2023).
 */
export function endsOf(
  { spread }: Pick<EvidenceClass, 'spread'>,
  publications: Evidence['publications'],
): readonly [number, number] {
  if (publications.length === 0) return middle(spread);
  const sums = publications.flatMap(({ shift }) => spread.map((value) => ({ value: value + shift, weight: 1 })));
  const shares = ENDS.map((level) => shareOfOneMore(level, publications.length));
  const [low, high] = weightedQuantiles(sums, shares);
  return [low!, high!];
}

export function modelKindOf({ workload }: Pick<CompiledSpace, 'workload'>): ModelKind {
  return workload.phases.some(({ experts }) => experts > 1) ? 'mixture' : 'dense';
}

export function formatOf(design: Float64Array): Format {
  return design[SLOT.workload.precision] === PRECISION.bf16 ? 'sixteenBit' : 'narrow';
}

function classOf(space: CompiledSpace, design: Float64Array, evidence: Evidence): EvidenceClass | undefined {
  const validated = validatedOf(space.systemName, evidence);
  return classOfKind({ validated, model: modelKindOf(space), format: formatOf(design) }, evidence);
}

/** Only steps of training were measured, and only physics predicts them. */
export function isValidatedKind({ workload }: CompiledSpace): boolean {
  return (workload.profile ?? 'default') === 'default' && workload.phases.every(({ phase }) => phase === 'training');
}

/** Makes the evaluator of a space when it is first asked for, which few designs do. */
type Evaluator = () => ReturnType<typeof designEvaluator>;

/** Is the framework known, with the machine or with others? */
export function knowsSoftware(validated: Validated): boolean {
  return validated !== 'machine' && validated !== 'neither';
}

/**
 * The time that the upper end starts from: with the slowest host of all frameworks, where nothing is known of the design's own. By it
 * frameworks differ most, and only steps that wait for the host are the slower for it.
 */
function upperUs(evaluator: Evaluator, design: Float64Array, timeUs: number, validated: Validated): number {
  const launchUs = loadEvidence().slowestLaunchUs;
  const slot = SLOT.compute.hostLaunchUs;
  if (knowsSoftware(validated) || design[slot]! >= launchUs) return timeUs;
  const slow = design.slice();
  slow[slot] = launchUs;
  return Math.max(evaluator()(slow).outputs[OUTPUT.timeUs]!, timeUs);
}

/**
 * The 90 % interval of a step's time; undefined of inference and of other profiles, of which no such errors are known.
 *
 * @param evaluator of the space, where many of its designs are asked for
 * @example
 * timeInterval(space, evaluated); // { lowUs: 24e6, highUs: 31e6, validated: 'together', model: 'dense', … }
 */
export function timeInterval(
  space: CompiledSpace,
  { design, outputs }: Pick<EvaluatedDesign, 'design' | 'outputs'>,
  evaluator: Evaluator = () => designEvaluator(space),
): TimeInterval | undefined {
  const timeUs = outputs[OUTPUT.timeUs]!;
  if (!isValidatedKind(space) || !(timeUs > 0)) return undefined;
  const evidence = loadEvidence();
  const found = classOf(space, design, evidence);
  if (found === undefined) return undefined;
  const { validated, model, format, steps, models, sources } = found;
  const [low, high] = endsOf(found, evidence.publications);
  return {
    share: 0.9,
    lowUs: timeUs * Math.exp(low),
    highUs: upperUs(evaluator, design, timeUs, validated) * Math.exp(high),
    ...{ validated, model, format, steps, models, sources },
    publications: evidence.publications.length,
    largerThanValidated: space.npus > evidence.mostNpus,
    hasScans: space.workload.phases.some(({ stateHeads, stateRule }) => stateHeads > 0 && stateRule === 'mamba2'),
    hasLinearAttention: space.workload.phases.some(({ stateRule }) => stateRule !== 'mamba2'),
  };
}
