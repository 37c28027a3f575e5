import { objectiveProgram } from '../objective/objectiveProgram.js';
import { CHANNEL_COUNT } from '../workload/operation.js';
import { WAY_COUNT } from './collective.js';
import { BOUND_DOUBTFUL } from './margin.js';
import { TOPOLOGY_COUNT } from './network.js';

/** The WGSL files that bound boxes, beside those of the simulator, relative to the package root. */
export const boundModules: readonly string[] = [
  'kernels/bound/box.wgsl',
  'kernels/bound/network.wgsl',
  'kernels/bound/collective.wgsl',
  'kernels/bound/trees.wgsl',
  'kernels/bound/gradients.wgsl',
  'kernels/bound/bounder.wgsl',
  'kernels/bound/goalBound.wgsl',
  'kernels/entry/bound.wgsl',
];

/** Their constants, and what depends on the order of outputs. */
export function boundPrelude(): string {
  const integers = { TOPOLOGY_COUNT, WAY_COUNT, WAY_PLACES: CHANNEL_COUNT * WAY_COUNT, BOUND_DOUBTFUL };
  return [
    ...Object.entries(integers).map(([name, value]) => `const ${name}: u32 = ${value}u;`),
    objectiveProgram('most_quantity', 'most_outputs', '0.0'),
  ].join('\n');
}
