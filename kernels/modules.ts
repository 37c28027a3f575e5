import { AXES, MAX_DIMENSIONS, PARAMETERS, SLOT_COUNT } from '../psa/parameters.js';
import { OBJECTIVE_STRIDE } from './objective/objective.js';
import { OUTPUT_COUNT, OUTPUTS, STATUSES } from './outputs.js';
import {
  CANDIDATE_STRIDE,
  COUNTER,
  COUNTER_COUNT,
  FRONT_CAPACITY,
  HISTOGRAM_BINS,
  HISTOGRAM_LOW,
  LARGEST,
  MAX_OBJECTIVES,
  QUARTERS,
  SMALLEST_NORMAL,
  WORKGROUP_SIZE,
} from './reduce/layout.js';

/** The WGSL files that make up the compute shader, relative to the package root. Their order is free: WGSL hoists. */
export const wgslModules: readonly string[] = [
  'kernels/entry/bindings.wgsl',
  'kernels/random/threefry.wgsl',
  'kernels/decode/decode.wgsl',
  'kernels/simulate.wgsl',
  'kernels/objective/objective.wgsl',
  'kernels/reduce/reduce.wgsl',
  'kernels/entry/evaluate.wgsl',
  'kernels/entry/sweep.wgsl',
];

/**
 * A name as a WGSL constant.
 *
 * @example
 * constantName('network.bandwidthGBps'); // 'NETWORK_BANDWIDTH_GBPS'
 */
export function constantName(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
}

function categoryConstants(): [string, number][] {
  return PARAMETERS.filter(({ name }) => name !== 'workload.axisOrder').flatMap(({ name, categories }) =>
    [...(categories ?? [])].map(([category, code]): [string, number] => [constantName(`${name}.${category}`), code]),
  );
}

/**
 * The WGSL constants that come from the TypeScript catalogues, so that each number has one home: SLOT_* (places in a
 * design), OUTPUT_*, STATUS_* (bits), AXIS_*, the codes of categories (`NETWORK_TOPOLOGY_RING`), and sizes.
 */
export function wgslPrelude(): string {
  const integers: [string, number][] = [
    ...PARAMETERS.map(({ name, slot }): [string, number] => [`SLOT_${constantName(name)}`, slot]),
    ['SLOT_COUNT', SLOT_COUNT],
    ...OUTPUTS.map(({ name }, place): [string, number] => [`OUTPUT_${constantName(name)}`, place]),
    ['OUTPUT_COUNT', OUTPUT_COUNT],
    ...STATUSES.map(({ name }, bit): [string, number] => [`STATUS_${name}`, 1 << bit]),
    ['STATUS_COUNT', STATUSES.length],
    ...AXES.map((axis, number): [string, number] => [`AXIS_${constantName(axis)}`, number]),
    ['MAX_DIMENSIONS', MAX_DIMENSIONS],
    ...categoryConstants(),
    ['OBJECTIVE_STRIDE', OBJECTIVE_STRIDE],
    ['MAX_OBJECTIVES', MAX_OBJECTIVES],
    ['WORKGROUP_SIZE', WORKGROUP_SIZE],
    ['CANDIDATE_STRIDE', CANDIDATE_STRIDE],
    ['FRONT_CAPACITY', FRONT_CAPACITY],
    ['HISTOGRAM_BINS', HISTOGRAM_BINS],
    ...Object.entries(COUNTER).map(([name, place]): [string, number] => [`COUNTER_${constantName(name)}`, place]),
    ['COUNTER_COUNT', COUNTER_COUNT],
  ];
  const reals: [string, number][] = [
    ['LARGEST', LARGEST],
    ['SMALLEST_NORMAL', SMALLEST_NORMAL],
    ...QUARTERS.map((quarter, i): [string, number] => [`QUARTER_${i + 1}`, quarter]),
  ];
  return [
    ...integers.map(([name, value]) => `const ${name}: u32 = ${value}u;`),
    ...reals.map(([name, value]) => `const ${name}: f32 = ${value}f;`),
    `const HISTOGRAM_LOW: i32 = ${HISTOGRAM_LOW};`,
    '',
  ].join('\n');
}
