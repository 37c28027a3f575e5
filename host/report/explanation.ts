/** Why a design is good, what bounds it and what would bound it next, in words that carry their numbers. */
import { Goal } from '../../kernels/objective/goal.js';
import type { Objective } from '../../kernels/objective/objective.js';
import { definitionOf, OUTPUT, type OutputName } from '../../kernels/outputs.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { Baseline } from '../designs/baseline.js';
import type { EvaluatedDesign } from '../designs/designs.js';
import { displayUnit, formatNumber, formatRatio, formatShare } from '../display/format.js';
import { capacityText, memoryUse, verdictText } from '../display/memoryUse.js';
import type { GraphTables } from '../profiles/operationTables.js';
import { operationTables, rulesOf } from '../profiles/profiles.js';
import {
  type Bottleneck,
  bottlenecks,
  isFelt,
  MATTERS,
  type Relief,
  relieve,
  type Share,
  sharesOf,
  type TakenBack,
  takeBack,
} from './ablation.js';

export interface Explanation {
  /** Each a paragraph. */
  readonly sentences: readonly string[];
  readonly time: readonly Share[];
  readonly memory: readonly Share[];
  /** Worst loss first; empty without a default to compare with. */
  readonly takenBack: readonly TakenBack[];
  readonly reliefs: readonly Relief[];
  readonly bottlenecks: readonly Bottleneck[];
  /** Empty where the astra-sim profile comes to no end. */
  readonly tables: readonly GraphTables[];
}

/** Bottlenecks that are named. */
const NAMED = 3;

function label(name: OutputName): string {
  return definitionOf(name).label;
}

function formatTime(us: number): string {
  if (us < 1e-6) return '0';
  const { unit, factor } = displayUnit('us', [us]);
  return `${formatNumber(us * factor)} ${unit}`;
}

/** How the design compares with the default, and which parts of a step the difference comes from. */
function comparisonSentences(
  { outputs }: EvaluatedDesign,
  baseline: Baseline,
  { label: name, unit }: Objective,
  value: number,
): string[] {
  const reference = baseline.objectives?.[0];
  if (reference === undefined) return ["The system's own default is infeasible, so there is nothing to compare with."];
  const gain =
    value <= reference ? `${formatRatio(reference, value)} better` : `${formatRatio(value, reference)} worse`;
  const [own, other] = [outputs[OUTPUT.timeUs]!, baseline.outputs[OUTPUT.timeUs]!];
  const differences = sharesOf(baseline.outputs, 'timeUs')
    .map(({ name: part, value: us }) => ({ part, us, gainUs: us - outputs[OUTPUT[part]]! }))
    .filter(({ gainUs }) => Math.abs(gainUs) > 0.01 * Math.max(own, other))
    .sort((a, b) => Math.abs(b.gainUs) - Math.abs(a.gainUs))
    .map(({ part, us, gainUs }) => `${label(part)} ${formatTime(us)} → ${formatTime(us - gainUs)}`);
  const resources = (['bandwidthGBps', 'costUsd'] as const)
    .filter((output) => outputs[OUTPUT[output]] !== baseline.outputs[OUTPUT[output]] && outputs[OUTPUT[output]]! > 0)
    .map(
      (output, i) =>
        `${formatRatio(outputs[OUTPUT[output]]!, baseline.outputs[OUTPUT[output]]!)} ${i === 0 ? "the default's" : 'its'} ${label(output)}`,
    );
  return [
    `Its ${name} is ${formatNumber(value)} ${unit}, ${gain} than the default's ${formatNumber(reference)}.`,
    `A step takes ${formatTime(own)}, the default's ${formatTime(other)} (${formatRatio(other, own)})${differences.length === 0 ? '' : `: ${differences.join(', ')}`}.` +
      (resources.length === 0 ? '' : ` It has ${resources.join(' and ')}.`),
  ];
}

/** `dp × tp` of `workload.dp × workload.tp`. */
function shortName(what: string): string {
  return what.replaceAll(/\b(workload|collective|network|compute)\./g, '');
}

/** Which changes earn the gain. */
function changeSentence(takenBack: readonly TakenBack[]): string {
  if (takenBack.length === 0) return 'It is the default itself.';
  const matters = takenBack.filter(({ ratio }) => ratio === undefined || ratio > MATTERS);
  const single = matters.filter(({ stack }) => !stack);
  const costs = (single.length > 0 ? single : matters).slice(0, 5).map(({ what, stack, from, to, ratio, reasons }) => {
    const change = stack ? what : `${shortName(what)} from ${from} to ${to}`;
    return ratio === undefined
      ? `${change}: infeasible (${reasons.join('; ')})`
      : `${change}: ${formatNumber(ratio, 3)}× worse`;
  });
  if (costs.length === 0) return 'No change against the default matters by itself; together they do.';
  return `What the changes are worth, each taken back alone: ${costs.join(', ')}.`;
}

function computeSides(tables: readonly GraphTables[]): string {
  if (tables.length === 0) return '';
  let arithmeticUs = 0;
  let memoryUs = 0;
  for (const { operations, weight } of tables) {
    for (const { bound, stepUs } of operations) {
      if (bound === 'arithmetic') arithmeticUs += weight * stepUs;
      if (bound === 'memory') memoryUs += weight * stepUs;
    }
  }
  const share = formatShare(arithmeticUs / (arithmeticUs + memoryUs));
  return `; ${share} of the compute time is in operations that the peak arithmetic rate bounds, the rest waits for memory`;
}

function boundSentences(
  time: readonly Share[],
  tables: readonly GraphTables[],
  found: readonly Bottleneck[],
): string[] {
  const [largest, second] = time as [Share, Share];
  const parts = [largest, second].filter(({ share }) => share > 0.001);
  const [first, ...next] = found.filter(isFelt) as [Bottleneck | undefined, ...Bottleneck[]];
  return [
    `Of a step, ${parts.map(({ name, share }) => `${formatShare(share)} is ${label(name)}`).join(' and ')}${computeSides(tables)}.`,
    first === undefined
      ? 'Twice as much of any one resource would make a step no faster: its shape, not its speed, bounds it.'
      : `What bounds it is the ${first.resource}: ${first.doubling} makes a step ${formatNumber(first.speedup, 3)}× faster.` +
        next
          .map(
            ({ resource, doubling, speedup }, i) =>
              ` ${i === 0 ? 'Once that is relieved, the next bottleneck is' : 'Then comes'} the ${resource} (${doubling}: ${formatNumber(speedup, 3)}×).`,
          )
          .join(''),
  ];
}

function memorySentence(space: CompiledSpace, evaluated: EvaluatedDesign, memory: readonly Share[]): string {
  const use = memoryUse(evaluated);
  const [largest] = memory as [Share];
  const over = use.usedMB > use.capacityMB - use.reserveMB;
  const share = `, ${formatShare(use.share)} of it${use.tight ? ', so that a real run may not fit' : ''}`;
  const verdict = verdictText(space, evaluated);
  const end = `${verdict.startsWith('tight') ? `is ${verdict}` : verdict}${over ? rulesOf(space.workload).overMemory : ''}`;
  return `Memory: ${formatNumber(use.usedMB / 1000)} of ${capacityText(use)}${over ? '' : share}; the largest part is ${label(largest.name)} (${formatShare(largest.share)}). It ${end}.`;
}

/**
 * Explains a design.
 *
 * @param baseline the system's default; undefined where there is none
 * @example
 * explainDesign(space, best, parseObjective('time'), baselineOf(psa, [parseObjective('time')])).sentences;
 */
export function explainDesign(
  space: CompiledSpace,
  evaluated: EvaluatedDesign,
  objective: Objective,
  baseline: Baseline | undefined,
): Explanation {
  const { design, outputs } = evaluated;
  const value = new Goal(space, [objective]).valueOf(outputs);
  const [time, memory] = [sharesOf(outputs, 'timeUs'), sharesOf(outputs, 'memoryMB')];
  const tables = operationTables(space, design);
  const takenBack = baseline === undefined ? [] : takeBack(space, design, baseline.design, objective);
  const found = bottlenecks(space, design, NAMED);
  return {
    sentences: [
      ...(baseline === undefined ? [] : comparisonSentences(evaluated, baseline, objective, value)),
      ...(baseline?.objectives === undefined ? [] : [changeSentence(takenBack)]),
      ...boundSentences(time, tables, found),
      memorySentence(space, evaluated, memory),
    ],
    time,
    memory,
    takenBack,
    reliefs: relieve(space, design),
    bottlenecks: found,
    tables,
  };
}
