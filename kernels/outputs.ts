/** What the simulator tells of one design: the outputs, and why a design is infeasible. */

export interface OutputDefinition {
  readonly name: string;
  readonly unit: string;
  /** The output that this is a part of: parts are compared relative to their whole. */
  readonly partOf: string | undefined;
  readonly description: string;
}

/** In the order of their places in a result row. Inside the kernels: microseconds and megabytes (1e6 bytes). */
export const OUTPUTS = [
  {
    name: 'timeUs',
    unit: 'us',
    partOf: undefined,
    description: 'time of one training step, or of the weighted phases',
  },
  { name: 'computeUs', unit: 'us', partOf: 'timeUs', description: 'compute of the slowest stage' },
  {
    name: 'exposedTpUs',
    unit: 'us',
    partOf: 'timeUs',
    description: 'tensor-parallel communication that nothing hides',
  },
  {
    name: 'exposedSpUs',
    unit: 'us',
    partOf: 'timeUs',
    description: 'sequence-parallel communication that nothing hides',
  },
  {
    name: 'exposedEpUs',
    unit: 'us',
    partOf: 'timeUs',
    description: 'expert-parallel communication that nothing hides',
  },
  { name: 'exposedDpUs', unit: 'us', partOf: 'timeUs', description: 'data-parallel communication that nothing hides' },
  { name: 'exposedPpUs', unit: 'us', partOf: 'timeUs', description: 'pipeline sends that nothing hides' },
  { name: 'bubbleUs', unit: 'us', partOf: 'timeUs', description: 'pipeline bubble of the slowest stage' },
  { name: 'launchUs', unit: 'us', partOf: 'timeUs', description: 'host time to launch operations that nothing hides' },
  { name: 'optimizerUs', unit: 'us', partOf: 'timeUs', description: 'optimiser step' },
  { name: 'memoryMB', unit: 'MB', partOf: undefined, description: 'memory of the fullest NPU' },
  { name: 'weightsMB', unit: 'MB', partOf: 'memoryMB', description: 'weights, with those gathered for use' },
  { name: 'gradientsMB', unit: 'MB', partOf: 'memoryMB', description: 'gradients' },
  { name: 'optimizerMB', unit: 'MB', partOf: 'memoryMB', description: 'optimiser state' },
  { name: 'activationsMB', unit: 'MB', partOf: 'memoryMB', description: 'activations kept for the backward pass' },
  { name: 'kvCacheMB', unit: 'MB', partOf: 'memoryMB', description: 'keys and values of past tokens (inference)' },
  {
    name: 'workingMB',
    unit: 'MB',
    partOf: 'memoryMB',
    description: 'buffers of a layer that is recomputed, or of logits',
  },
  { name: 'mfu', unit: '', partOf: undefined, description: 'model FLOP utilisation, without recomputation' },
  {
    name: 'tokensPerSecond',
    unit: 'tokens/s',
    partOf: undefined,
    description: 'tokens of the global batch per second',
  },
  { name: 'bandwidthGBps', unit: 'GB/s', partOf: undefined, description: 'bandwidth per NPU, summed over dimensions' },
  {
    name: 'costUsd',
    unit: '$',
    partOf: undefined,
    description: 'price of the network; 0 where a topology has no price',
  },
] as const satisfies readonly OutputDefinition[];

export type OutputName = (typeof OUTPUTS)[number]['name'];

export const OUTPUT_COUNT = OUTPUTS.length;

/** Place of each output in a result row. */
export const OUTPUT = Object.fromEntries(OUTPUTS.map((output, place) => [output.name, place])) as Record<
  OutputName,
  number
>;

/** Reasons for which a design is infeasible, one bit each, in the order of their bits. */
export const STATUSES = [
  { name: 'MEMORY', reason: 'needs more memory than an NPU has' },
  { name: 'NPUS', reason: 'parallel degrees or dimensions do not multiply to the number of NPUs' },
  { name: 'MAPPING', reason: 'a parallel degree does not fit onto the network dimensions' },
  { name: 'HEADS', reason: 'tensor parallelism does not divide the attention heads' },
  { name: 'LAYERS', reason: 'more pipeline stages than layers' },
  { name: 'BATCH', reason: 'the batch is not a multiple of data parallelism × micro-batch' },
  { name: 'SEQUENCE', reason: 'sequence parallelism does not divide the sequence' },
  { name: 'EXPERTS', reason: 'expert parallelism does not divide the experts or the data-parallel degree' },
  {
    name: 'SCHEDULE',
    reason: 'interleaving needs the interleaved schedule, several stages and micro-batches in multiples of them',
  },
  { name: 'ALGORITHM', reason: 'halving-doubling needs a power of two' },
  { name: 'PRICE', reason: 'a topology has no price in its tier' },
  { name: 'ASTRASIM', reason: 'ASTRA-sim deadlocks, aborts, or has no such option' },
] as const;

export type StatusName = (typeof STATUSES)[number]['name'];

/** The bit of each status. */
export const STATUS = Object.fromEntries(STATUSES.map((status, bit) => [status.name, 1 << bit])) as Record<
  StatusName,
  number
>;

/**
 * A missing price matters only to objectives that use the price.
 *
 * @returns the statuses that make a design infeasible, as a bit mask
 */
export function infeasibleMask(usesCost: boolean): number {
  const all = (1 << STATUSES.length) - 1;
  return usesCost ? all : all & ~STATUS.PRICE;
}

/** The reasons of a status word in words, in the order of their bits. */
export function reasonsOf(status: number): string[] {
  return STATUSES.filter((_, bit) => (status >>> bit) & 1).map(({ reason }) => reason);
}
