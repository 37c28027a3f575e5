/** Measured rows by source, and within a source by kind of run and by model. */
import { parameterCounts } from '../../../kernels/workload/modelSize.js';
import { loadModel } from '../../../psa/model.js';
import { type CaseGroup, errorsOf, type WorstCase, worstOf } from '../cases.js';
import { nestedGroups, partsOf } from '../groups.js';
import { spearman } from '../ranks.js';
import type { RowCase, RunRow } from './prediction.js';
import { medianRegret } from './regret.js';
import type { TrainingColumn } from './row.js';

/** Within a group: how far the run that is predicted to be best is from the measured best. */
export interface BestRun {
  readonly predicted: string;
  readonly measured: string;
  /** Measured time of the predicted best / measured best − 1. */
  readonly regret: number;
}

export interface RowGroup extends CaseGroup {
  /** Number of groups that this one is within. */
  readonly depth: number;
  /** Spearman's rank correlation of measured and predicted times. */
  readonly spearman: number | undefined;
  /** The row of the largest error; undefined where no row has a prediction. */
  readonly worst: WorstCase | undefined;
  /** As {@link medianRegret} has it. */
  readonly regret: number | undefined;
  /** Rows that cannot be expressed; of a source, as others have none. */
  readonly inexpressible: Inexpressible;
  /** Only of runs that have model, GPUs and batch in common. */
  readonly best: BestRun | undefined;
}

/** Rows that are no model and design here, by what they lack. */
export interface Inexpressible {
  readonly rows: number;
  readonly reasons: readonly { readonly reason: string; readonly rows: number; readonly example: string }[];
}

/** A row that cannot be expressed. */
export interface Refusal {
  readonly id: string;
  readonly source: string;
  readonly reason: string;
}

/** Refusals by their reasons, the most frequent first. */
export function countRefusals(refusals: readonly Refusal[]): Inexpressible {
  const reasons = [...partsOf(refusals, ({ reason }) => reason)].map(([reason, all]) => ({
    reason,
    rows: all.length,
    example: all[0]!.id,
  }));
  return { rows: refusals.length, reasons: reasons.sort((a, b) => b.rows - a.rows) };
}

type Key = (row: RunRow) => string;

const GPT = loadModel('gpt3-175b').phases[0]!;

/** `39.1B (8192 × 48)`: what the row calls the model, else its parameters; hidden size and layers. */
export function modelName({ model, hidden = 1, ffn = 1, layers, heads = 1, kv_heads, seq, vocab = 0 }: RunRow): string {
  if (model !== undefined) return `${model} (${hidden} × ${layers})`;
  const phase = {
    ...GPT,
    hidden,
    ffn,
    layers,
    heads,
    kvHeads: kv_heads ?? heads,
    headDim: hidden / heads,
    valueDim: hidden / heads,
    seq,
    positions: seq,
    vocab,
  };
  const { dense, kv, embed } = parameterCounts(phase);
  return `${((layers * (dense + kv) + embed) / 1e9).toPrecision(3)}B (${hidden} × ${layers})`;
}

/** Keys of the groups, from the outside in. */
const KEYS: readonly Key[] = [
  ({ source }) => source,
  ({ weight_sharding = 'sharding not stated' }) =>
    weight_sharding === 'none' ? 'weights replicated' : weight_sharding,
  // A node of each calibrated system has 8 GPUs.
  ({ gpus }) => (gpus > 8 ? 'several nodes' : 'one node'),
  modelName,
];

function least(cases: readonly RowCase[], timeOf: (one: RowCase) => number): RowCase {
  return cases.reduce((best, one) => (timeOf(one) < timeOf(best) ? one : best));
}

function bestRun(cases: readonly RowCase[]): BestRun | undefined {
  const jobs = new Set(cases.map(({ row }) => [modelName(row), row.gpus, row.global_batch].join()));
  if (cases.length < 2 || jobs.size > 1) return undefined;
  const predicted = least(cases, ({ got }) => got ?? Infinity);
  const measured = least(cases, ({ expected }) => expected);
  return { predicted: predicted.id, measured: measured.id, regret: predicted.expected / measured.expected - 1 };
}

/** Rank correlation of the cases that have a prediction. */
export function rankCorrelation(cases: readonly RowCase[]): number | undefined {
  const known = cases.filter(({ got }) => got !== undefined);
  return spearman(
    known.map(({ expected }) => expected),
    known.map(({ got }) => got!),
  );
}

/** Statistics of cases, and of those that could not be one. */
function statisticsOf(cases: readonly RowCase[], refusals: readonly Refusal[] = []): Omit<RowGroup, 'group' | 'depth'> {
  return {
    ...errorsOf(cases),
    spearman: rankCorrelation(cases),
    worst: worstOf(cases),
    best: bestRun(cases),
    regret: medianRegret(cases),
    inexpressible: countRefusals(refusals),
  };
}

function groupOf(group: string, cases: readonly RowCase[], refusals: readonly Refusal[] = []): RowGroup {
  return { group, depth: 0, ...statisticsOf(cases, refusals) };
}

/** The innermost group that a row belongs to. */
export function kindOf(row: RunRow): string {
  return KEYS.map((key) => key(row)).join(', ');
}

/** Statistics by one thing alone. */
export function groupsBy(cases: readonly RowCase[], key: Key): RowGroup[] {
  return [...partsOf(cases, ({ row }) => key(row))].map(([name, part]) => groupOf(name, part));
}

/**
 * Statistics by source, weight sharding, one or several nodes, and model; then by further columns of the file.
 *
 * @param by names of further columns, such as `tp`
 */
export function groupRows(
  cases: readonly RowCase[],
  by: readonly TrainingColumn[] = [],
  refusals: readonly Refusal[] = [],
): RowGroup[] {
  const [, ...keys] = [...KEYS, ...by.map((column) => (row: RunRow) => `${column} ${row[column]}`)];
  const sources = new Set([...cases.map(({ row }) => row.source), ...refusals.map(({ source }) => source)]);
  return [...sources].flatMap((source) => {
    const own = cases.filter(({ row }) => row.source === source);
    const refused = refusals.filter((one) => one.source === source);
    const ofCases = keys.map(
      (key) =>
        ({ row }: RowCase) =>
          key(row),
    );
    const inner = nestedGroups(own, ofCases, (part) => statisticsOf(part), { telling: true, depth: 1, within: source });
    return [groupOf(source, own, refused), ...inner];
  });
}
