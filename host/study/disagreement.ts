/** Where the two profiles find different designs, and what of a step they see differently. */
import { Goal } from '../../kernels/objective/goal.js';
import { OUTPUT, type OutputName } from '../../kernels/outputs.js';
import { describeDesign } from '../../psa/ordinals.js';
import { designEvaluator } from '../designs/designs.js';
import { displayUnit, formatNumber } from '../display/format.js';
import { markdownTable } from '../display/markdown.js';
import { ratio } from './numbers.js';
import type { StudyResult } from './paper.js';
import { caseName } from './paperCases.js';

/** A case and reward that both profiles have. */
interface Pair {
  readonly default: StudyResult;
  readonly astra: StudyResult;
}

/** Parts of a step that have a counterpart in both profiles. */
const PARTS: Readonly<Record<string, readonly OutputName[]>> = {
  compute: ['computeUs', 'optimizerUs'],
  'exposed communication': ['exposedTpUs', 'exposedSpUs', 'exposedEpUs', 'exposedDpUs', 'exposedPpUs'],
  waiting: ['bubbleUs', 'launchUs'],
};

function pairsOf(results: readonly StudyResult[]): Pair[] {
  return results.flatMap((result) => {
    const { profile, comparison } = result;
    if (profile !== 'default') return [];
    const astra = results.find(
      (other) =>
        other.profile === 'astra-sim' &&
        other.case === result.case &&
        other.comparison.objective.label === comparison.objective.label,
    );
    return astra === undefined ? [] : [{ default: result, astra }];
  });
}

function bestOf({ comparison }: StudyResult) {
  return comparison.optima.at(-1)!.best;
}

/** What a profile makes of a design that another found. */
function scoreIn({ comparison }: StudyResult, design: Float64Array) {
  const { objective, optima } = comparison;
  const { space, best } = optima.at(-1)!;
  const { outputs, status } = designEvaluator(space)(design);
  const goal = new Goal(space, [objective]);
  const ofBest = best === undefined ? undefined : goal.valueOf(outputs) / best.objectives[0]!;
  return { outputs, reasons: goal.reasonsOf(status), ofBest };
}

/** `512 × 2 × 1 × 1, none`: the parallelisation, and how weights are sharded. */
function parallelisation(result: StudyResult): string {
  const best = bestOf(result);
  if (best === undefined) return 'none is feasible';
  const entries = describeDesign(result.comparison.optima.at(-1)!.space, best.design);
  const value = (name: string) => entries.find(({ parameter }) => parameter === name)!.value;
  const degrees = ['dp', 'tp', 'sp', 'pp'].map((axis) => value(`workload.${axis}`));
  return `${degrees.join(' × ')}, ${value('workload.weightSharding')}`;
}

function otherCell(found: StudyResult, other: StudyResult): string {
  const best = bestOf(found);
  if (best === undefined) return '-';
  const { reasons, ofBest } = scoreIn(other, best.design);
  return reasons.length > 0 ? `infeasible: ${reasons.join('; ')}` : ratio(ofBest);
}

/** The part of the step in which the profiles differ most, for one design that both can run. */
function largestDifference({ default: found, astra }: Pair): string {
  const design = bestOf(found)?.design ?? bestOf(astra)?.design;
  if (design === undefined) return '-';
  const views = [found, astra].map((result) => scoreIn(result, design).outputs);
  const [one, other] = views.map((outputs) =>
    Object.values(PARTS).map((names) => names.reduce((sum, name) => sum + outputs[OUTPUT[name]]!, 0)),
  ) as [number[], number[]];
  const differences = one.map((us, part) => Math.abs(us - other[part]!));
  const part = differences.indexOf(Math.max(...differences));
  const { unit, factor } = displayUnit('us', [views[0]![OUTPUT.timeUs]!, views[1]![OUTPUT.timeUs]!]);
  const shown = (us: number) => formatNumber(us * factor);
  const whole = views.map((outputs) => shown(outputs[OUTPUT.timeUs]!)).join(' and ');
  return `${Object.keys(PARTS)[part]}: ${shown(one[part]!)} and ${shown(other[part]!)} of ${whole} ${unit}`;
}

/** @returns nothing where only one profile was studied */
export function disagreementSection(results: readonly StudyResult[]): string[] {
  const pairs = pairsOf(results);
  if (pairs.length === 0) return [];
  const rows = pairs.map((pair) => [
    caseName(pair.default.case),
    pair.default.case.system,
    pair.default.comparison.objective.label,
    parallelisation(pair.default),
    parallelisation(pair.astra),
    otherCell(pair.default, pair.astra),
    otherCell(pair.astra, pair.default),
    largestDifference(pair),
  ]);
  return [
    '## Where the profiles disagree, and why',
    'Each profile found its own best design; here each is also evaluated by the other profile, relative to the best design that\n' +
      'this one found (1.00×: the two agree on what is best; below 1: the search had missed it). The last column takes the design\n' +
      'that the default profile found (the astra-sim one where it found none) and names the part of its step in which the two\n' +
      'profiles differ most, the default profile first.',
    markdownTable(
      [
        'model',
        'system',
        'minimised',
        'default: dp × tp × sp × pp',
        'astra-sim: dp × tp × sp × pp',
        "default's best in astra-sim",
        "astra-sim's best in default",
        'largest difference in the step',
      ],
      rows,
    ),
    REASONS,
  ];
}

const REASONS = `What sets them apart, by its effect on these designs ([all of it](astra-sim.md)):

- **Memory.** Neither ASTRA-sim nor its generator compares memory with a capacity: every design that runs is feasible, also the
  cases that fit nowhere in the default profile. Its best designs keep what would not fit.
- **Computation.** A multiply-accumulate counts as one operation, attention has no products of sequence by sequence, and nothing
  is computed again for the backward pass: a step computes for 0.3 to 0.4 of the default profile's time, so the same network
  is a larger part of it, and faster networks pay sooner.
- **Sizes.** Elements count as bytes: a collective moves half of what the default profile moves in half precision, and an
  operation's memory traffic is its output alone.
- **Groups** of a part of the NPUs are flat rings whose messages are charged in one dimension alone, the innermost in which their
  ends differ: a dimension that no group begins in can be as slow as it likes, and the algorithms of the dimensions have no effect.
  A group of all NPUs goes dimension by dimension, by their algorithms; the load that a direct exchange puts on the links of a
  Ring is charged in the default profile alone.
- **The pipeline** is the same with one micro-batch, as here: stages wait for one another.`;
