import { WORKGROUP_SIZE } from '../reduce/layout.js';

/** WebGPU allows this many workgroups in a dimension, on any device. */
const MAX_WORKGROUPS = 65535;

/** A two-dimensional grid of workgroups; threads are numbered row by row, see thread_index in bindings.wgsl. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly rowThreads: number;
}

/** The grid with at least one thread for each of `count` designs. */
export function gridOf(count: number): Grid {
  const groups = Math.ceil(count / WORKGROUP_SIZE);
  const columns = Math.min(groups, MAX_WORKGROUPS);
  return { columns, rows: Math.ceil(groups / columns), rowThreads: columns * WORKGROUP_SIZE };
}
