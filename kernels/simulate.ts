/** The simulator: one design in, one row of outputs and a status out. Twin of simulate.wgsl. */
import { MAX_DIMENSIONS, SLOT } from '../psa/parameters.js';
import type { Workload } from '../psa/space.js';
import { ALL_DIMENSIONS, CHANGED, CHANGED_ALL } from './changes.js';
import { checkChannels, openChannels } from './collective/collective.js';
import { addTimes, clearGraphs, keepFuller, setGraph } from './combine.js';
import { costUsd, readPrices } from './cost/cost.js';
import { checkpointMB } from './memory/memory.js';
import { bandwidthPerNpuGBps, groupsIn, layAxes, readNetwork } from './network/network.js';
import { OUTPUT, STATUS } from './outputs.js';
import { computeOnce, planOnce, sizeOnce } from './schedule/keptPlans.js';
import { NO_PLAN_NUMBER } from './schedule/planned.js';
import { busyUs, splitStep, stepGraph } from './schedule/step.js';
import { createStates, type State } from './state.js';
import { globalBatch, graphReal } from './workload/graph.js';
import { GRAPH_REAL } from './workload/header.js';

const SLOT_TP = SLOT.workload.tp;
const SLOT_SP = SLOT.workload.sp;
const SLOT_DP = SLOT.workload.dp;
const SLOT_PP = SLOT.workload.pp;
const SLOT_PEAK_TFLOPS = SLOT.compute.peakTflops;

export function systemNpus(s: State): number {
  let npus = 1;
  for (let d = 0; d < MAX_DIMENSIONS; d++) npus *= s.npus[d]!;
  return npus;
}

/** STATUS.NPUS where the parallel degrees are not all NPUs. */
export function npusStatus(s: State): number {
  const degrees = s.design[SLOT_TP]! * s.design[SLOT_SP]! * s.design[SLOT_DP]! * s.design[SLOT_PP]!;
  return degrees === systemNpus(s) ? 0 : STATUS.NPUS;
}

/** Brings all that tells whether the design is feasible up to date. */
function update(states: readonly State[], changed: number, planNumber: number): void {
  const network = states[0]!;
  const laid = (changed & (CHANGED.plan | CHANGED.layout)) !== 0;
  const all = (changed & (CHANGED.plan | CHANGED.layout | CHANGED.channels)) !== 0;
  const shaped = all ? ALL_DIMENSIONS : (changed >> MAX_DIMENSIONS) & ALL_DIMENSIONS;
  const rated = shaped | (changed & ALL_DIMENSIONS);
  readNetwork(network, rated);
  readPrices(network, rated);
  if (laid) {
    network.status = 0;
    layAxes(network);
    network.layoutStatus = network.status | npusStatus(network);
  }
  let used = 0;
  for (const s of states) {
    if ((changed & CHANGED.plan) !== 0) {
      planOnce(s, planNumber);
      s.stalePlan = true;
    }
    if (laid) sizeOnce(s);
    used |= s.usedChannels;
  }
  const opened = groupsIn(network, shaped);
  checkChannels(network, used, opened);
  network.unopenedGroups |= opened;
  const stale = groupsIn(network, rated);
  for (const s of states) s.staleGroups |= stale;
}

/** The reasons against the design, but its price. */
function statusOf(states: readonly State[]): number {
  const { layoutStatus, badChannels } = states[0]!;
  let status = layoutStatus;
  for (const s of states) {
    status |= s.planStatus | s.memoryStatus;
    if ((badChannels & s.usedChannels) !== 0) status |= STATUS.ALGORITHM;
  }
  return status;
}

/** Times the step of all graphs. Only here, for most random designs are infeasible, is what takes time looked at. */
function stepGraphs(states: readonly State[]): void {
  const network = states[0]!;
  let used = 0;
  for (const s of states) used |= s.usedChannels;
  openChannels(network, used, network.unopenedGroups, network.staleGroups);
  network.unopenedGroups = 0;
  for (const s of states) {
    computeOnce(s);
    stepGraph(s);
  }
}

/** Completes the outputs of a graph by what comes from its model; returns how often it counts. */
function weigh(s: State): number {
  s.parts[OUTPUT.stepTokens] = globalBatch(s) * graphReal(s, GRAPH_REAL.TOKENS);
  s.parts[OUTPUT.checkpointMB] = checkpointMB(s);
  return graphReal(s, GRAPH_REAL.WEIGHT);
}

/** Adds what {@link finishOutputs} makes rates of. */
function addWork(s: State, outputs: Float64Array, row: number, weight: number): void {
  const sequences = weight * globalBatch(s);
  outputs[row + OUTPUT.tokensPerSecond]! += sequences * graphReal(s, GRAPH_REAL.TOKENS);
  outputs[row + OUTPUT.mfu]! += sequences * graphReal(s, GRAPH_REAL.MODEL_MFLOP);
}

/** Adds a graph to the outputs: times with its weight, memory as the largest of all graphs. */
export function addGraph(s: State, outputs: Float64Array, row: number): void {
  const weight = weigh(s);
  addTimes(outputs, row, s.parts, weight);
  addWork(s, outputs, row, weight);
  keepFuller(outputs, row, s.parts);
}

/** Sets the outputs to those of the only graph, as most workloads have it. */
function writeGraph(s: State, outputs: Float64Array, row: number): void {
  const weight = weigh(s);
  setGraph(outputs, row, s.parts, weight);
  outputs[row + OUTPUT.tokensPerSecond] = 0;
  outputs[row + OUTPUT.mfu] = 0;
  addWork(s, outputs, row, weight);
}

/** Turns work and tokens into rates; they are 0 where a step has no time. */
export function finishOutputs(s: State, outputs: Float64Array, row: number): void {
  const timeUs = outputs[row + OUTPUT.timeUs]!;
  // MFLOP per us is TFLOP/s.
  outputs[row + OUTPUT.mfu]! /= timeUs > 0 ? timeUs * systemNpus(s) * s.design[SLOT_PEAK_TFLOPS]! : Infinity;
  outputs[row + OUTPUT.tokensPerSecond]! *= timeUs > 0 ? 1e6 / timeUs : 0;
}

/** Writes what besides time derived outputs are made of. */
export function addSources(states: readonly State[], outputs: Float64Array, row: number): void {
  let computingUs = 0;
  let tokens = 0;
  let stateMB = 0;
  for (const s of states) {
    const weight = graphReal(s, GRAPH_REAL.WEIGHT);
    computingUs += weight * busyUs(s);
    tokens += weight * globalBatch(s) * graphReal(s, GRAPH_REAL.TOKENS);
    stateMB = Math.max(stateMB, checkpointMB(s));
  }
  outputs[row + OUTPUT.busyUs] = computingUs;
  outputs[row + OUTPUT.stepTokens] = tokens;
  outputs[row + OUTPUT.checkpointMB] = stateMB;
}

/** Writes what may be a factor of an objective and comes from graphs, and what memory is compared with its limit. */
function writeObjectives(states: readonly State[], outputs: Float64Array, row: number): void {
  let timeUs = 0;
  let memoryMB = 0;
  let reservedMB = 0;
  for (const s of states) {
    timeUs += graphReal(s, GRAPH_REAL.WEIGHT) * s.stepUs;
    memoryMB = Math.max(memoryMB, s.parts[OUTPUT.memoryMB]!);
    reservedMB = Math.max(reservedMB, s.parts[OUTPUT.reservedMB]!);
  }
  outputs[row + OUTPUT.timeUs] = timeUs;
  outputs[row + OUTPUT.memoryMB] = memoryMB;
  outputs[row + OUTPUT.reservedMB] = reservedMB;
}

/** Writes all outputs of the design. */
function writeOutputs(states: readonly State[], outputs: Float64Array, row: number): void {
  for (const s of states) splitStep(s);
  if (states.length === 1) writeGraph(states[0]!, outputs, row);
  else {
    clearGraphs(outputs, row);
    for (const s of states) addGraph(s, outputs, row);
  }
  finishOutputs(states[0]!, outputs, row);
}

function simulate(
  states: readonly State[],
  outputs: Float64Array,
  row: number,
  changed: number,
  skip: number,
  derives: boolean,
  planNumber: number,
): number {
  const network = states[0]!;
  update(states, changed, planNumber);
  network.status = statusOf(states);
  outputs[row + OUTPUT.bandwidthGBps] = bandwidthPerNpuGBps(network);
  outputs[row + OUTPUT.costUsd] = costUsd(network);
  if ((network.status & skip) !== 0) return network.status;
  stepGraphs(states);
  if (skip === 0) writeOutputs(states, outputs, row);
  else writeObjectives(states, outputs, row);
  if (skip !== 0 && derives) addSources(states, outputs, row);
  return network.status;
}

/** Simulates one graph alone: for those who want to look at its state. */
export function simulateGraph(s: State, design: Float64Array): void {
  s.design = design;
  update([s], CHANGED_ALL, NO_PLAN_NUMBER);
  stepGraphs([s]);
  splitStep(s);
}

/**
 * Evaluates `design` (SLOT_COUNT values) into `outputs[row …]` (OUTPUT_COUNT values) and returns the status bits.
 *
 * `changed`: what is not as in this simulator's design before (bits of CHANGED), by default all; the result is the same with
 * more bits. `skip`: statuses of designs that do not matter: then only what may be a factor of an objective is written, and for
 * such designs only what does not depend on the time. `planNumber`: the same of designs that differ in nothing that changes the
 * plan, and of no others; by default the plan is made anew.
 */
export type Simulator = (
  design: Float64Array,
  outputs: Float64Array,
  row: number,
  changed?: number,
  skip?: number,
  planNumber?: number,
) => number;

/**
 * The f64 simulator of a workload in the default profile. It allocates nothing per design but, once, the table of the steps that
 * happen; one simulator serves one thread.
 *
 * @param tiers price tier of each network dimension: 0 chiplet, 1 package, 2 node, 3 pod
 * @param derives with `skip`, writes what derived outputs are made of besides
 * @example
 * const simulator = createSimulator(space.workload, space.tiers);
 * const outputs = new Float64Array(OUTPUT_COUNT);
 * const status = simulator(design, outputs, 0); // 0: feasible
 */
export function createSimulator(workload: Workload, tiers: readonly number[], derives = true): Simulator {
  const states = createStates(workload, tiers);
  return (design, outputs, row, changed = CHANGED_ALL, skip = 0, planNumber = NO_PLAN_NUMBER) => {
    for (const s of states) s.design = design;
    return simulate(states, outputs, row, changed, skip, derives, planNumber);
  };
}
