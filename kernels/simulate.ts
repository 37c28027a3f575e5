/** The simulator: one design in, one row of outputs and a status out. Twin of simulate.wgsl. */
import { MAX_DIMENSIONS, slotOf } from '../psa/parameters.js';
import type { Workload } from '../psa/space.js';
import { costUsd } from './cost/cost.js';
import { memory } from './memory/memory.js';
import { bandwidthPerNpuGBps, layAxes, readNetwork } from './network/network.js';
import { OUTPUT, OUTPUT_COUNT, STATUS } from './outputs.js';
import { astraBound, astraStep } from './schedule/astraStep.js';
import { stepGraph } from './schedule/step.js';
import { createState, type State } from './state.js';
import { globalBatch, graphReal, readGraph } from './workload/graph.js';
import { GRAPH_REAL } from './workload/tables.js';

const SLOT_TP = slotOf('workload.tp');
const SLOT_SP = slotOf('workload.sp');
const SLOT_DP = slotOf('workload.dp');
const SLOT_PP = slotOf('workload.pp');
const SLOT_PEAK_TFLOPS = slotOf('compute.peakTflops');

function isAstraSim(s: State): boolean {
  return s.workload.profile === 'astra-sim';
}

function systemNpus(s: State): number {
  let npus = 1;
  for (let d = 0; d < MAX_DIMENSIONS; d++) npus *= s.npus[d]!;
  return npus;
}

/** Adds the current graph to the outputs: times with its weight, memory as the largest of all graphs. */
function addGraph(s: State, outputs: Float64Array, row: number, parts: Float64Array, other: Float64Array): void {
  readGraph(s);
  if (isAstraSim(s)) (s.bounds ? astraBound : astraStep)(s, parts);
  else stepGraph(s, parts);
  const weight = graphReal(s, GRAPH_REAL.WEIGHT);
  const batch = globalBatch(s);
  for (let part = OUTPUT.timeUs; part <= OUTPUT.optimizerUs; part++) outputs[row + part]! += weight * parts[part]!;
  outputs[row + OUTPUT.tokensPerSecond]! += weight * batch * graphReal(s, GRAPH_REAL.TOKENS);
  outputs[row + OUTPUT.mfu]! += weight * batch * graphReal(s, GRAPH_REAL.MODEL_MFLOP);
  if (!isAstraSim(s)) memory(s, parts, other);
  if (parts[OUTPUT.memoryMB]! > outputs[row + OUTPUT.memoryMB]!) {
    for (let part = OUTPUT.memoryMB; part <= OUTPUT.workingMB; part++) outputs[row + part] = parts[part]!;
  }
}

/** Evaluates a design with a given state; see {@link createSimulator}. `parts` and `other` are scratch rows. */
export function simulate(
  s: State,
  outputs: Float64Array,
  row: number,
  parts: Float64Array,
  other: Float64Array,
): number {
  s.status = 0;
  for (let i = 0; i < OUTPUT_COUNT; i++) outputs[row + i] = 0;
  readNetwork(s);
  // ASTRA-sim's ranks fit onto any dimensions.
  if (!isAstraSim(s)) layAxes(s);
  const npus = systemNpus(s);
  const degrees = s.design[SLOT_TP]! * s.design[SLOT_SP]! * s.design[SLOT_DP]! * s.design[SLOT_PP]!;
  if (degrees !== npus) s.status |= STATUS.NPUS;
  const graphs = s.tables.integer[0]!;
  for (s.graph = 0; s.graph < graphs; s.graph++) addGraph(s, outputs, row, parts, other);
  const timeUs = outputs[row + OUTPUT.timeUs]!;
  // MFLOP per us is TFLOP/s. A step that ASTRA-sim does not end has no time.
  outputs[row + OUTPUT.mfu]! /= timeUs > 0 ? timeUs * npus * s.design[SLOT_PEAK_TFLOPS]! : Infinity;
  outputs[row + OUTPUT.tokensPerSecond]! *= timeUs > 0 ? 1e6 / timeUs : 0;
  outputs[row + OUTPUT.bandwidthGBps] = bandwidthPerNpuGBps(s);
  outputs[row + OUTPUT.costUsd] = costUsd(s);
  return s.status;
}

/** Evaluates `design` (SLOT_COUNT values) into `outputs[row …]` (OUTPUT_COUNT values) and returns the status bits. */
export type Simulator = (design: Float64Array, outputs: Float64Array, row: number) => number;

/**
 * The f64 simulator of a workload. It allocates nothing per design; one simulator serves one thread.
 *
 * @param tiers price tier of each network dimension: 0 chiplet, 1 package, 2 node, 3 pod
 * @example
 * const simulator = createSimulator(space.workload, space.tiers);
 * const outputs = new Float64Array(OUTPUT_COUNT);
 * const status = simulator(design, outputs, 0); // 0: feasible
 */
export function createSimulator(workload: Workload, tiers: readonly number[]): Simulator {
  const s = createState(workload, tiers);
  const parts = new Float64Array(OUTPUT_COUNT);
  const other = new Float64Array(OUTPUT_COUNT);
  return (design, outputs, row) => {
    s.design = design;
    return simulate(s, outputs, row, parts, other);
  };
}

/**
 * As {@link createSimulator}, but the time is a lower bound of the design's, a hundred times as fast, and has no parts; all
 * else, the status too, is exact. Only the astra-sim profile has one.
 */
export function createBounder(workload: Workload, tiers: readonly number[]): Simulator {
  const s = createState(workload, tiers);
  s.bounds = true;
  const parts = new Float64Array(OUTPUT_COUNT);
  const other = new Float64Array(OUTPUT_COUNT);
  return (design, outputs, row) => {
    s.design = design;
    return simulate(s, outputs, row, parts, other);
  };
}
