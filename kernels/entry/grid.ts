/** How designs are shared among the threads of a device: constants of a pipeline. No result depends on them. */
export interface Tuning {
  /** Threads of a workgroup, at most the device's `maxComputeInvocationsPerWorkgroup`. */
  readonly workgroupSize: number;
  /** Designs that a thread of a sweep takes before its workgroup adds its counters to the chunk's. */
  readonly designsPerThread: number;
}

/** Every WebGPU device can do this. */
export const DEFAULT_TUNING: Tuning = { workgroupSize: 64, designsPerThread: 1 };

/** WebGPU allows this many workgroups in a dimension, on any device. */
const MAX_WORKGROUPS = 65535;

/** A two-dimensional grid of workgroups, numbered row by row. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
}

/** The smallest grid of workgroups that take `groupDesigns` designs each, and `count` together. */
export function gridOf(count: number, groupDesigns: number): Grid {
  const groups = Math.ceil(count / groupDesigns);
  const columns = Math.min(groups, MAX_WORKGROUPS);
  return { columns, rows: Math.ceil(groups / columns) };
}
