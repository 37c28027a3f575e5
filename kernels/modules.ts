import { AXES } from '../psa/parameters/axes.js';
import { MAX_DIMENSIONS, PARAMETERS, SLOT_COUNT } from '../psa/parameters.js';
import type { CompiledSpace } from '../psa/space.js';
import { ALL_DIMENSIONS, CHANGED, CHANGED_ALL } from './changes.js';
import { SIMPLE_MESSAGES } from './collective/collective.js';
import { ALGORITHM, REDUCTION_ACCESSES, TREE_SHARE } from './collective/phase.js';
import { TORUS_CUBE, TORUS_SQUARE } from './collective/torus.js';
import { FLUSHED_HOPS, SWITCH_PIECE_US, TREE_PIECE_US } from './collective/trees.js';
import { AS_FULL, combineProgram } from './combine.js';
import { LINK_PRICE, NIC_PRICE, SWITCH_PRICE } from './cost/cost.js';
import { DECODE_MODE } from './decode/decode.js';
import { geneProgram } from './decode/geneProgram.js';
import { DEFAULT_TUNING } from './entry/grid.js';
import { BREEDING_STREAM, MAX_MUTATIONS, NEARNESS } from './evolution/breeding.js';
import { INFEASIBLE_F32, NO_DESIGN_F32, OPEN_GENE_VECTORS, TALLY } from './evolution/layout.js';
import { rowProgram } from './evolution/rowProgram.js';
import { graphProgram } from './graphProgram.js';
import { LOSS_BYTES } from './memory/framework.js';
import { BLOCK_TOLERANCE } from './memory/kept.js';
import { MAX_LIMITS } from './objective/limits.js';
import {
  FAR_FROM_ONE,
  MAX_EXPONENT,
  MAX_TERMS,
  OBJECTIVE,
  OBJECTIVE_STRIDE,
  TERM,
  TERM_STRIDE,
} from './objective/objective.js';
import { objectiveProgram } from './objective/objectiveProgram.js';
import { OUTPUT_COUNT, OUTPUTS, STATUSES } from './outputs.js';
import { deriveProgram } from './quantities/deriveProgram.js';
import { HOPELESSLY_AWAY, LEFT_BY_PIECE, MOST_EXPONENT, PIECE } from './quantities/failures.js';
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
} from './reduce/layout.js';
import { MB_PER_US, OFFLOAD_BUFFERS } from './schedule/offload.js';
import { WEIGHT_BYTES } from './schedule/sharding.js';
import { STAGE_TOLERANCE } from './schedule/stage.js';
import { END_TOLERANCE, OPTIMIZER_FLOPS } from './schedule/step.js';
import { constantName, realLiteral } from './wgslText.js';
import { HALF_LOSS_TRAFFIC, NORM_TRAFFIC, SOFTMAX_TRAFFIC } from './workload/graph.js';
import { PHASE } from './workload/header.js';
import {
  CALL,
  CALL_COUNT,
  CHANNEL_COUNT,
  CHANNEL_GROUPS,
  COLLECTIVE,
  COLLECTIVE_COUNT,
  FLAG,
  GROUP,
  GROUP_COUNT,
  RATE,
  RATE_COUNT,
  SCALE,
  SCALE_COUNT,
} from './workload/operation.js';
import { OPERAND_BYTES, QUANTIZATION_READS } from './workload/precision.js';
import { BACKWARD_PRODUCTS, UNFUSED_EFFICIENCY } from './workload/rates.js';
import { LAYER_SECTIONS, SECTION, SECTIONS } from './workload/transformer.js';

/** The WGSL files that make up the compute shader, relative to the package root. Their order is free: WGSL hoists. */
export const wgslModules: readonly string[] = [
  'kernels/entry/bindings.wgsl',
  'kernels/random/threefry.wgsl',
  'kernels/random/largest.wgsl',
  'kernels/decode/decode.wgsl',
  'kernels/state.wgsl',
  'kernels/network/network.wgsl',
  'kernels/collective/phase.wgsl',
  'kernels/collective/torus.wgsl',
  'kernels/collective/trees.wgsl',
  'kernels/collective/collective.wgsl',
  'kernels/collective/call.wgsl',
  'kernels/workload/precision.wgsl',
  'kernels/workload/rates.wgsl',
  'kernels/workload/roofline.wgsl',
  'kernels/workload/graph.wgsl',
  'kernels/schedule/plan.wgsl',
  'kernels/schedule/chain.wgsl',
  'kernels/schedule/sharding.wgsl',
  'kernels/schedule/layer.wgsl',
  'kernels/schedule/split.wgsl',
  'kernels/schedule/offload.wgsl',
  'kernels/schedule/recomputedLayers.wgsl',
  'kernels/schedule/stage.wgsl',
  'kernels/schedule/pipeline.wgsl',
  'kernels/schedule/gradients.wgsl',
  'kernels/schedule/step.wgsl',
  'kernels/memory/framework.wgsl',
  'kernels/memory/kept.wgsl',
  'kernels/memory/memory.wgsl',
  'kernels/cost/cost.wgsl',
  'kernels/quantities/functions.wgsl',
  'kernels/quantities/failures.wgsl',
  'kernels/simulate.wgsl',
  'kernels/objective/objective.wgsl',
  'kernels/objective/fitness.wgsl',
  'kernels/reduce/reduce.wgsl',
  'kernels/evolution/breeding.wgsl',
  'kernels/entry/evaluate.wgsl',
  'kernels/entry/sweep.wgsl',
  'kernels/entry/evolve.wgsl',
];

function categoryConstants(): [string, number][] {
  return PARAMETERS.filter(({ name }) => name !== 'workload.axisOrder').flatMap(({ name, categories }) =>
    [...(categories ?? [])].map(([category, code]): [string, number] => [constantName(`${name}.${category}`), code]),
  );
}

/** A TypeScript table of numbers as constants with a common beginning. */
function tableConstants(beginning: string, table: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(table).map(([name, value]) => [`${beginning}_${constantName(name)}`, value]);
}

/** What the tables of the op graphs are made of. */
function workloadConstants(): [string, number][] {
  return [
    ...tableConstants('CHANGED', CHANGED),
    ['ALL_DIMENSIONS', ALL_DIMENSIONS],
    ...tableConstants('DECODE', DECODE_MODE),
    ['CHANGED_ALL', CHANGED_ALL],
    ...tableConstants('RATE', RATE),
    ['RATE_COUNT', RATE_COUNT],
    ...tableConstants('COLLECTIVE', COLLECTIVE),
    ['COLLECTIVE_COUNT', COLLECTIVE_COUNT],
    ...tableConstants('ALGORITHM', ALGORITHM),
    ...tableConstants('GROUP', GROUP),
    ['GROUP_COUNT', GROUP_COUNT],
    ['CHANNEL_GROUPS', CHANNEL_GROUPS],
    ['CHANNEL_COUNT', CHANNEL_COUNT],
    ...tableConstants('CALL', CALL),
    ['CALL_COUNT', CALL_COUNT],
    ...tableConstants('FLAG', FLAG),
    ...tableConstants('SCALE', SCALE),
    ['SCALE_COUNT', SCALE_COUNT],
    ...tableConstants('SECTION', SECTION),
    ['SECTION_COUNT', SECTIONS.length],
    ['LAYER_SECTIONS', LAYER_SECTIONS.length],
    ...tableConstants('PHASE', PHASE),
  ];
}

/** What populations on the device are made of. */
function evolutionConstants(): [string, number][] {
  return [
    ...tableConstants('NEARNESS', NEARNESS),
    ...tableConstants('TALLY', TALLY),
    ['BREEDING_STREAM', BREEDING_STREAM],
    ['MAX_MUTATIONS', MAX_MUTATIONS],
    ['MAX_LIMITS', MAX_LIMITS],
    ['OPEN_GENE_VECTORS', OPEN_GENE_VECTORS],
  ];
}

/** A function that gives one of some values by its place: a list that is read at a place that varies would not live in registers. */
function realChoice(name: string, [first, ...others]: readonly number[]): string {
  const chosen = others.map((value, i) => `  value = select(value, ${realLiteral(value)}, place == ${i + 1}u);`);
  return [
    `fn ${name}(place: u32) -> f32 {`,
    `  var value = ${realLiteral(first!)};`,
    ...chosen,
    '  return value;',
    '}',
  ].join('\n');
}

function realList(name: string, values: readonly number[]): string {
  return `const ${name} = array<f32, ${values.length}>(${values.map((value) => `${value}f`).join(', ')});`;
}

/**
 * The WGSL that comes from the TypeScript catalogues, so that each number has one home: SLOT_* (places in a
 * design), OUTPUT_*, STATUS_* (bits), AXIS_*, the codes of categories (`NETWORK_TOPOLOGY_RING`), and sizes; the constants
 * that a pipeline may set (`Tuning`); and what depends on the order of outputs.
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
    ['AXIS_COUNT', AXES.length],
    ['MAX_DIMENSIONS', MAX_DIMENSIONS],
    ...workloadConstants(),
    ...categoryConstants(),
    ...tableConstants('OBJECTIVE', OBJECTIVE),
    ['OBJECTIVE_STRIDE', OBJECTIVE_STRIDE],
    ...tableConstants('TERM', TERM),
    ['TERM_STRIDE', TERM_STRIDE],
    ['MAX_TERMS', MAX_TERMS],
    ['MAX_EXPONENT', MAX_EXPONENT],
    ['MAX_OBJECTIVES', MAX_OBJECTIVES],
    ['CANDIDATE_STRIDE', CANDIDATE_STRIDE],
    ['FRONT_CAPACITY', FRONT_CAPACITY],
    ['HISTOGRAM_BINS', HISTOGRAM_BINS],
    ...Object.entries(COUNTER).map(([name, place]): [string, number] => [`COUNTER_${constantName(name)}`, place]),
    ['COUNTER_COUNT', COUNTER_COUNT],
    ...evolutionConstants(),
  ];
  const reals: [string, number][] = [
    ['LARGEST', LARGEST],
    ['FAR_FROM_ONE', FAR_FROM_ONE],
    ['SMALLEST_NORMAL', SMALLEST_NORMAL],
    ['TREE_SHARE', TREE_SHARE],
    ['TORUS_SQUARE', TORUS_SQUARE],
    ['TORUS_CUBE', TORUS_CUBE],
    ['TREE_PIECE_US', TREE_PIECE_US],
    ['SWITCH_PIECE_US', SWITCH_PIECE_US],
    ['FLUSHED_HOPS', FLUSHED_HOPS],
    ['SIMPLE_MESSAGES', SIMPLE_MESSAGES],
    ['REDUCTION_ACCESSES', REDUCTION_ACCESSES],
    ['WEIGHT_BYTES', WEIGHT_BYTES],
    ['OPTIMIZER_FLOPS', OPTIMIZER_FLOPS],
    ...tableConstants('LOSS_BYTES', LOSS_BYTES),
    ['HALF_LOSS_TRAFFIC', HALF_LOSS_TRAFFIC],
    ['NORM_TRAFFIC', NORM_TRAFFIC],
    ['SOFTMAX_TRAFFIC', SOFTMAX_TRAFFIC],
    ['UNFUSED_EFFICIENCY', UNFUSED_EFFICIENCY],
    ['STAGE_TOLERANCE', STAGE_TOLERANCE],
    ['END_TOLERANCE', END_TOLERANCE],
    ['MOST_EXPONENT_OF_LOSS', MOST_EXPONENT],
    ['REPAIR_PIECE', PIECE],
    ['LEFT_BY_PIECE', LEFT_BY_PIECE],
    ['HOPELESSLY_AWAY', HOPELESSLY_AWAY],
    ['BLOCK_TOLERANCE', BLOCK_TOLERANCE],
    ['AS_FULL', AS_FULL],
    ['OFFLOAD_BUFFERS', OFFLOAD_BUFFERS],
    ['MB_PER_US', MB_PER_US],
    ['BACKWARD_PRODUCTS', BACKWARD_PRODUCTS],
    ['INFEASIBLE', INFEASIBLE_F32],
    ['NO_DESIGN', NO_DESIGN_F32],
    ...QUARTERS.map((quarter, i): [string, number] => [`QUARTER_${i + 1}`, quarter]),
  ];
  return [
    ...integers.map(([name, value]) => `const ${name}: u32 = ${value}u;`),
    ...reals.map(([name, value]) => `const ${name}: f32 = ${value}f;`),
    realList('LINK_PRICE', LINK_PRICE),
    realList('SWITCH_PRICE', SWITCH_PRICE),
    realList('NIC_PRICE', NIC_PRICE),
    realChoice('operand_bytes', OPERAND_BYTES),
    realChoice('quantization_reads', QUANTIZATION_READS),
    `const HISTOGRAM_LOW: i32 = ${HISTOGRAM_LOW};`,
    `override WORKGROUP_SIZE: u32 = ${DEFAULT_TUNING.workgroupSize}u;`,
    `override DESIGNS_PER_THREAD: u32 = ${DEFAULT_TUNING.designsPerThread}u;`,
    combineProgram(),
    objectiveProgram(),
  ].join('\n');
}

/** What the kernels are of one space alone, as WGSL: its genes, the rows of its designs, its op graphs, and the price tiers of its dimensions. */
export function wgslProgram(space: CompiledSpace): string {
  // Dimensions that are not in use have no price whatever their tier.
  const tiers = Array.from({ length: MAX_DIMENSIONS }, (_, d) => `${space.tiers[d] ?? 0}u`).join(', ');
  return [
    `const TIERS = vec4<u32>(${tiers});`,
    geneProgram(space),
    rowProgram(space),
    graphProgram(space),
    deriveProgram(space),
  ].join('\n');
}
