/** The catalogue of what the simulator tells of one design: outputs, which of them goals may name, why a design is infeasible. */
import { DERIVED_ROWS, type DerivedName, SOURCE_ROWS } from './quantities/catalogue.js';

export interface OutputDefinition {
  readonly name: string;
  /** In the kernels and in files: microseconds and megabytes (1e6 bytes). */
  readonly unit: string;
  /** In tables and charts. */
  readonly label: string;
  readonly description: string;
  /** The output that this is a part of: shown below it, in its unit, and compared relative to it. */
  readonly partOf: string | undefined;
  /**
   * What a workload of several graphs makes of it. `sum`: each graph counts with its weight; `fullest`: that of the graph that
   * needs the most memory; `most`: the largest of all graphs; `rate`: work of all graphs per time; `once`: of the design as a whole;
   * `derived`: follows from the others and from facts by its formula.
   */
  readonly combine: 'sum' | 'fullest' | 'most' | 'rate' | 'once' | 'derived';
  /** What tables say for 0 where it is no number; `share`: shown in percent. */
  readonly zero?: string;
  readonly share?: true;
  /** Shown where something that derives from it has a value. */
  readonly quiet?: true;
}

const TIME = { unit: 'us', partOf: 'timeUs', combine: 'sum' } as const;
const MEMORY = { unit: 'MB', partOf: 'memoryMB', combine: 'fullest' } as const;

/** Of what derives from others, as any output. */
const DERIVED_OUTPUTS = DERIVED_ROWS.map(({ name, unit, label, description, ...row }) => ({
  name: name as DerivedName,
  unit,
  label,
  description,
  partOf: undefined,
  combine: 'derived' as const,
  zero: 'no value',
  ...('share' in row ? { share: row.share } : {}),
}));

/** In the order of their places in a result row. */
export const OUTPUTS = [
  {
    ...TIME,
    name: 'timeUs',
    label: 'step time',
    description: 'time of one training step, or of the weighted phases',
    partOf: undefined,
  },
  { ...TIME, name: 'computeUs', label: 'compute', description: 'compute of the slowest stage' },
  {
    ...TIME,
    name: 'exposedTpUs',
    label: 'exposed tp communication',
    description: 'tensor-parallel communication that nothing hides',
  },
  {
    ...TIME,
    name: 'exposedSpUs',
    label: 'exposed sp communication',
    description: 'sequence-parallel communication that nothing hides',
  },
  {
    ...TIME,
    name: 'exposedEpUs',
    label: 'exposed ep communication',
    description: 'expert-parallel communication that nothing hides',
  },
  {
    ...TIME,
    name: 'exposedDpUs',
    label: 'exposed dp communication',
    description: 'data-parallel communication that nothing hides',
  },
  {
    ...TIME,
    name: 'exposedPpUs',
    label: 'exposed pp communication',
    description: 'pipeline sends that nothing hides',
  },
  { ...TIME, name: 'bubbleUs', label: 'pipeline bubble', description: 'pipeline bubble of the slowest stage' },
  {
    ...TIME,
    name: 'launchUs',
    label: 'host launches',
    description: 'time of the host to launch operations, and of its link for what is offloaded, that nothing hides',
  },
  { ...TIME, name: 'optimizerUs', label: 'optimizer', description: 'optimiser step' },
  {
    ...MEMORY,
    name: 'memoryMB',
    label: 'memory per NPU',
    description: 'memory of the fullest NPU',
    partOf: undefined,
  },
  { ...MEMORY, name: 'weightsMB', label: 'weights', description: 'weights, with those gathered for use' },
  { ...MEMORY, name: 'gradientsMB', label: 'gradients', description: 'gradients' },
  { ...MEMORY, name: 'optimizerMB', label: 'optimizer state', description: 'optimiser state' },
  { ...MEMORY, name: 'activationsMB', label: 'activations', description: 'activations kept for the backward pass' },
  {
    ...MEMORY,
    name: 'kvCacheMB',
    label: 'KV cache',
    description: 'keys and values of past tokens, and states (inference)',
  },
  {
    ...MEMORY,
    name: 'workingMB',
    label: 'working buffers',
    description:
      'buffers of what is recomputed at a time, and gradients on their way to their shards; in inference of the largest operation',
  },
  {
    ...MEMORY,
    name: 'lossMB',
    label: 'loss',
    description: 'logits, what the loss makes of them, and the input of the head',
  },
  {
    ...MEMORY,
    name: 'buffersMB',
    label: 'buffers',
    description: 'buffers of tensor-parallel gathers and of weight gradients, workspaces of libraries',
  },
  {
    name: 'reservedMB',
    unit: 'MB',
    label: 'reserved per NPU',
    description: 'memory that the allocator reserves, of the NPU with the most: what an NPU must have',
    partOf: undefined,
    combine: 'most',
  },
  {
    name: 'mfu',
    unit: '',
    label: 'model FLOP utilisation',
    description: 'model FLOP utilisation: attention in full, its masked half too, and no recomputation',
    partOf: undefined,
    combine: 'rate',
    share: true,
  },
  {
    name: 'tokensPerSecond',
    unit: 'tokens/s',
    label: 'throughput',
    description: 'tokens of the global batch per second',
    partOf: undefined,
    combine: 'rate',
  },
  {
    name: 'bandwidthGBps',
    unit: 'GB/s',
    label: 'bandwidth per NPU',
    description: 'bandwidth per NPU, summed over dimensions',
    partOf: undefined,
    combine: 'once',
  },
  {
    name: 'costUsd',
    unit: '$',
    label: 'network cost',
    description: 'price of the network; 0 where a topology has no price',
    partOf: undefined,
    combine: 'once',
    zero: 'no price',
  },
  ...SOURCE_ROWS,
  ...DERIVED_OUTPUTS,
] as const satisfies readonly OutputDefinition[];

export type OutputName = (typeof OUTPUTS)[number]['name'];

export const OUTPUT_COUNT = OUTPUTS.length;

/** Place of each output in a result row. */
export const OUTPUT = Object.fromEntries(OUTPUTS.map((output, place) => [output.name, place])) as Record<
  OutputName,
  number
>;

/** All that is known of an output. */
export function definitionOf(name: OutputName): OutputDefinition {
  return OUTPUTS[OUTPUT[name]]!;
}

/** The parts of an output, in the order of their places. */
export function partsOf(whole: OutputName): readonly OutputName[] {
  return OUTPUTS.filter(({ partOf }) => partOf === whole).map(({ name }) => name);
}

/** A unit that people write, and the factor that leads to it from the output's own. */
interface WrittenUnit {
  readonly unit: string;
  readonly factor: number;
}

/** An output that a goal may name. */
export interface QuantityDefinition {
  /** As users write it. */
  readonly name: string;
  readonly output: OutputName;
  /** Which of two designs is the better one. */
  readonly better: 'less' | 'more';
  /** What it does as the step takes longer and all else stays: then a bound of the time bounds it too. */
  readonly withTime: 'grows' | 'falls' | 'stays';
  /** Its unit where it is a factor of an objective, or undefined where it can be none: sweeps compute such outputs alone. */
  readonly objective: WrittenUnit | undefined;
  /** Its unit in a limit. */
  readonly limit: WrittenUnit;
}

/** Of what derives from others, as any quantity: in the unit of its output. */
const DERIVED_QUANTITIES = DERIVED_ROWS.map(({ name, quantity, better, unit, withTime }) => ({
  name: quantity,
  output: name,
  better,
  withTime,
  objective: { unit, factor: 1 },
  limit: { unit, factor: 1 },
}));

/** What objectives and limits are made of, in the order in which products name them. */
export const QUANTITIES = [
  {
    name: 'time',
    output: 'timeUs',
    better: 'less',
    withTime: 'grows',
    objective: { unit: 's', factor: 1e-6 },
    limit: { unit: 's', factor: 1e-6 },
  },
  {
    name: 'bandwidth',
    output: 'bandwidthGBps',
    better: 'less',
    withTime: 'stays',
    objective: { unit: 'GB/s', factor: 1 },
    limit: { unit: 'GB/s', factor: 1 },
  },
  {
    name: 'cost',
    output: 'costUsd',
    better: 'less',
    withTime: 'stays',
    objective: { unit: '$', factor: 1 },
    limit: { unit: '$', factor: 1 },
  },
  {
    name: 'memory',
    output: 'memoryMB',
    better: 'less',
    withTime: 'stays',
    objective: { unit: 'GB', factor: 1e-3 },
    limit: { unit: 'bytes', factor: 1e6 },
  },
  {
    name: 'mfu',
    output: 'mfu',
    better: 'more',
    withTime: 'falls',
    objective: undefined,
    limit: { unit: '', factor: 1 },
  },
  {
    name: 'tokensPerSecond',
    output: 'tokensPerSecond',
    better: 'more',
    withTime: 'falls',
    objective: undefined,
    limit: { unit: 'tokens/s', factor: 1 },
  },
  ...DERIVED_QUANTITIES,
] as const satisfies readonly QuantityDefinition[];

/** Why a design is infeasible. */
export interface StatusDefinition {
  readonly name: string;
  readonly reason: string;
  /** It only takes this output away: objectives without it do not mind. */
  readonly hides?: OutputName;
}

/**
 * Reasons for which a design is infeasible, one bit each, in the order of their bits: in brief, for charts and tables;
 * docs/model.md has all of it.
 */
export const STATUSES = [
  { name: 'MEMORY', reason: 'needs more memory than an NPU has' },
  { name: 'NPUS', reason: 'parallel degrees or dimensions do not multiply to the number of NPUs' },
  { name: 'MAPPING', reason: 'a parallel degree does not fit onto the network dimensions' },
  { name: 'HEADS', reason: 'heads of attention or of a state are no multiple of tp, or tp × sp' },
  { name: 'LAYERS', reason: 'more pipeline stages than layers' },
  { name: 'BATCH', reason: 'the batch is not a multiple of data parallelism × micro-batch' },
  { name: 'SEQUENCE', reason: 'sequence is no multiple of sp, or sp none of contextInner' },
  { name: 'EXPERTS', reason: 'expert parallelism does not divide the experts or their ranks' },
  { name: 'SCHEDULE', reason: 'schedule does not take these stages, virtual stages and micro-batches' },
  { name: 'ALGORITHM', reason: 'halving-doubling needs a power of two' },
  { name: 'PRICE', reason: 'a topology has no price in its tier', hides: 'costUsd' },
  { name: 'PRECISION', reason: 'the NPU has no arithmetic in that precision' },
  { name: 'ASTRASIM', reason: 'ASTRA-sim deadlocks, aborts, or has no such option' },
] as const satisfies readonly StatusDefinition[];

export type StatusName = (typeof STATUSES)[number]['name'];

/** The bit of each status. */
export const STATUS = Object.fromEntries(STATUSES.map((status, bit) => [status.name, 1 << bit])) as Record<
  StatusName,
  number
>;

/**
 * The statuses that make a design infeasible, as a bit mask.
 *
 * @param used outputs that matter; a status that takes another one away does not
 */
export function infeasibleMask(used: Iterable<OutputName>): number {
  const outputs = new Set(used);
  const statuses: readonly StatusDefinition[] = STATUSES;
  return statuses.reduce(
    (mask, { hides }, bit) => (hides === undefined || outputs.has(hides) ? mask | (1 << bit) : mask),
    0,
  );
}

/** What a status word has, in the order of its bits. */
function statusesOf(status: number): StatusDefinition[] {
  return STATUSES.filter((_, bit) => (status >>> bit) & 1);
}

/** The reasons of a status word in words. */
export function reasonsOf(status: number): string[] {
  return statusesOf(status).map(({ reason }) => reason);
}

/** Its reasons as programs know them. */
export function statusNames(status: number): string[] {
  return statusesOf(status).map(({ name }) => name);
}
