/** Of a design that does not fit in memory the nearest that do. */
import { STATUS } from '../../kernels/outputs.js';
import { CosmicError } from '../../psa/errors.js';
import { describeDesign } from '../../psa/ordinals.js';
import type { Psa } from '../../psa/psa.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { Scalar } from '../../psa/specs.js';
import type { Evaluator } from '../backends/evaluator.js';
import type { EvaluatedDesign } from '../designs/designs.js';
import { chanceOfMemory, isLikely } from '../doubt/memoryFit.js';
import { factsOfDesign } from './legality.js';
import { likelyToFit, nearest } from './nearest.js';
import { MOST_SWITCHES, type Neighbour, type Neighbours, neighboursOf, type SwitchedJob } from './neighbours.js';
import {
  BATCH,
  ENOUGH_LAYERS,
  EXCHANGED_HEADS,
  EXPERTS,
  type FactRule,
  FFN,
  HEADS,
  INTERLEAVING,
  KV_HEADS,
  modelWords,
  PIPELINED_CHUNKS,
  PRECISION,
  SEQUENCE,
  STATE_HEADS,
  WORLD,
  type Words,
} from './rule.js';

/** A design that fits. */
export interface FittingDesign extends Neighbour {
  /** All parameters that differ, the replicas that follow among them. */
  readonly parameters: Readonly<Record<string, Scalar>>;
}

/** What all frameworks ask of a job in their own words. */
const RULES: readonly FactRule[] = [
  ...[WORLD, HEADS, KV_HEADS, STATE_HEADS, FFN, BATCH, ENOUGH_LAYERS, INTERLEAVING, PIPELINED_CHUNKS],
  ...[SEQUENCE, EXCHANGED_HEADS, EXPERTS, PRECISION],
];

/** A design's own. */
const WORDS: Words = {
  ...modelWords('model'),
  tp: 'workload.tp',
  sp: 'workload.sp',
  pp: 'workload.pp',
  ep: 'workload.ep',
  etp: 'workload.etp',
  batch: 'workload.batch',
  microBatch: 'workload.microBatch',
  seq: 'model.seq',
};

/** With one, two and three switches so many at first. */
const OF_EACH = [3, 2, 0];

/** Where so many are likely to fit with fewer switches, no more are looked for. */
const ENOUGH = 3;

/** A PsA that leaves this design alone. */
function psaOfDesign(psa: Psa, space: CompiledSpace, design: Float64Array): Psa {
  const parameters = new Map(psa.parameters);
  for (const { parameter, dimension, value } of describeDesign(space, design)) {
    const name = dimension === undefined ? parameter : `${parameter}[${dimension}]`;
    parameters.set(name, { value, place: psa.place });
  }
  return { ...psa, parameters };
}

/** What a design breaks itself is not asked of its neighbours. */
function switchedJob(psa: Psa, space: CompiledSpace, design: Float64Array): SwitchedJob {
  const facts = factsOfDesign(space, design);
  const kept = RULES.filter(({ broken }) => broken(facts, WORDS) === undefined);
  return {
    psa: psaOfDesign(psa, space, design),
    facts,
    isSettable: () => true,
    isLegal: (changed) => kept.every(({ broken }) => broken(changed, WORDS) === undefined),
    lacksMemory: true,
  };
}

/** Parameters of which another design has another value. */
function differing(space: CompiledSpace, own: Float64Array, other: Float64Array): Record<string, Scalar> {
  const before = describeDesign(space, own);
  const changed = describeDesign(space, other).filter(({ value }, i) => value !== before[i]!.value);
  return Object.fromEntries(changed.map(({ parameter, value }) => [parameter, value]));
}

type EvaluatorOf = (space: CompiledSpace) => Promise<Evaluator>;

/** Undefined where conditions on a space are too many to look at together with the switches. */
async function lookAround(job: SwitchedJob, evaluatorOf: EvaluatorOf): Promise<Neighbours | undefined> {
  try {
    return await neighboursOf(job, evaluatorOf);
  } catch (error) {
    if (error instanceof CosmicError && error.code === 'CONSTRAINT_TOO_LARGE') return undefined;
    throw error;
  }
}

/** The nearest of all that fit, likely ones where there are some. */
function nearestOf(all: readonly Neighbour[], own: CompiledSpace, design: Float64Array): readonly FittingDesign[] {
  return nearest(likelyToFit(all), {
    belowUs: Number.POSITIVE_INFINITY,
    ofEach: OF_EACH,
    mostTried: Number.POSITIVE_INFINITY,
    isExpressible: () => true,
    complete: (one) => ({ ...one, parameters: differing(own, design, one.design) }),
  });
}

/**
 * The nearest designs that are likely to fit, or where none is those that fit by what is counted; fewest switches first, then the
 * fastest.
 *
 * @param psa the design is of; its constraints hold
 * @param evaluatorOf makes the evaluator of a space
 * @returns undefined of a design that fits, that is infeasible otherwise too, or that does not train one model
 */
export async function nearestFits(
  psa: Psa,
  space: CompiledSpace,
  evaluated: EvaluatedDesign,
  evaluatorOf: EvaluatorOf,
): Promise<readonly FittingDesign[] | undefined> {
  const [model, ...others] = space.workload.phases;
  const isTraining = model!.phase === 'training' && others.length === 0;
  if ((evaluated.status & ~STATUS.PRICE) !== STATUS.MEMORY || !isTraining) return undefined;
  const { design } = evaluated;
  const near = await lookAround(switchedJob(psa, space, design), evaluatorOf);
  if (near === undefined) return undefined;
  try {
    // With three switches there are ten times as many as with two, which mostly are enough.
    const few = await near.changing(1, MOST_SWITCHES - 1);
    const fits = nearestOf(few, space, design);
    const likely = fits.filter(({ memory }) => isLikely(chanceOfMemory(memory)));
    if (likely.length >= ENOUGH) return fits;
    return nearestOf([...few, ...(await near.changing(MOST_SWITCHES, MOST_SWITCHES))], space, design);
  } finally {
    await near.close();
  }
}
