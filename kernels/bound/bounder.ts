/** Bounds of a box: rows of outputs that no design in it beats, and that none exceeds. */
import { SLOT } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import { memory } from '../memory/memory.js';
import { layAxes } from '../network/network.js';
import { OUTPUT, OUTPUT_COUNT, STATUS } from '../outputs.js';
import { SOURCE_ROWS } from '../quantities/catalogue.js';
import { plan, planCompute } from '../schedule/plan.js';
import { timeOptimizer, timeStep } from '../schedule/step.js';
import { addSources, npusStatus, systemNpus } from '../simulate.js';
import { createStates, type State } from '../state.js';
import { globalBatch, graphReal } from '../workload/graph.js';
import { GRAPH_REAL } from '../workload/header.js';
import { type Box, createRanges, isSingle, readRanges, structuralGenes } from './box.js';
import { boundCalls, boundChannels, type ChannelBounds, createChannelBounds } from './collective.js';
import { boundGradients } from './gradients.js';
import { boundLinks, boundPrices, boundRates, createTopologyRates, type End, LEAST, MOST } from './network.js';

const SLOT_PEAK_TFLOPS = SLOT.compute.peakTflops;
const SLOT_NPUS = SLOT.network.npus;

/** What derived outputs are made of, and the network does not change. */
const SOURCES = SOURCE_ROWS.map(({ name }) => OUTPUT[name]);

/** What bounds a box whose structural genes have one value each. */
export interface Bounds {
  /** Statuses that all its designs have; nothing else is set then. */
  status: number;
  /** Have some designs a status that others do not have? */
  mixed: boolean;
  /** Ends of the outputs that objectives and limits may read, in rows of OUTPUT_COUNT; `most` only where it was asked for. */
  readonly least: Float64Array;
  readonly most: Float64Array;
}

/**
 * Relative rounding that a bound allows for. A design's time has the same sums and maxima in another order, of differences of
 * long times among them: 10⁵ operations of 2⁻⁵³ each. Of a million random members the farthest was 2.8·10⁻¹² beyond.
 */
export const ROUNDING = 1e-11;

/** Bounds one box; `both`: the most, too. */
export type Bounder = (box: Box, both?: boolean) => Bounds;

/**
 * Bounds boxes of a space in the default profile: a step is sums and maxima of durations in a fixed order (a max-plus system),
 * so it takes no less than the step of a network whose every coefficient is the least that any design of the box has. The box
 * of one design is that design.
 *
 * @param priced designs without a price do not count
 * @example
 * const bounder = createBounder(space, false);
 * bounder({ first: digits, last: digits }).least[OUTPUT.timeUs];
 */
export function createBounder(space: CompiledSpace, priced: boolean): Bounder {
  const states = createStates(space.workload, space.tiers);
  const network = states[0]!;
  const ranges = createRanges(space);
  const rates = createTopologyRates();
  const channels = createChannelBounds(ranges, rates);
  const structural = structuralGenes(space);
  const bounds: Bounds = {
    status: 0,
    mixed: false,
    least: new Float64Array(OUTPUT_COUNT),
    most: new Float64Array(OUTPUT_COUNT),
  };
  let planned: Uint32Array | undefined;

  const planBox = ({ first }: Box): void => {
    const before = planned;
    if (before !== undefined && structural.every((g) => first[g] === before[g])) return;
    planned = first.slice();
    for (const s of states) s.design = ranges.least;
    planStructure(states);
  };

  const boundEnd = (end: End): void => {
    for (const s of states) s.design = end === LEAST ? ranges.least : ranges.most;
    boundRates(ranges, rates, end);
    channels.end = end;
    const used = states.reduce((bits, { usedChannels }) => bits | usedChannels, 0);
    if (!boundChannels(network, channels, used)) bounds.status |= STATUS.ALGORITHM;
    if (channels.refused) bounds.mixed = true;
    if (bounds.status !== 0) return;
    boundLinks(network, rates, end);
    for (const s of states) boundStep(s, channels);
    addGraphs(states, bounds, end);
  };

  return (box, both = false) => {
    readRanges(space, box, ranges);
    channels.single = isSingle(box);
    planBox(box);
    boundPrices(network, ranges, rates, priced);
    const npus = systemNpus(network);
    const { least, most } = bounds;
    most[OUTPUT.timeUs] = Number.POSITIVE_INFINITY;
    least[OUTPUT.mfu] = 0;
    least[OUTPUT.tokensPerSecond] = 0;
    least[OUTPUT.bandwidthGBps] = sum(rates.leastGBps) * (1 - ROUNDING);
    least[OUTPUT.costUsd] = npus * sum(rates.leastUsd) * (1 - ROUNDING);
    most[OUTPUT.bandwidthGBps] = sum(rates.mostGBps) * (1 + ROUNDING);
    most[OUTPUT.costUsd] = npus * sum(rates.mostUsd) * (1 + ROUNDING);
    bounds.status = network.layoutStatus | (rates.allowed.includes(0) ? STATUS.PRICE : 0);
    bounds.mixed = rates.unpriced;
    for (const s of states) bounds.status |= s.planStatus | s.memoryStatus;
    if (bounds.status === 0) boundEnd(LEAST);
    if (both && bounds.status === 0) boundEnd(MOST);
    return bounds;
  };
}

function sum(perDimension: Float64Array): number {
  return perDimension.reduce((total, value) => total + value, 0);
}

/** What the structural genes decide. */
function planStructure(states: readonly State[]): void {
  const network = states[0]!;
  for (let d = 0; d < network.npus.length; d++) network.npus[d] = network.design[SLOT_NPUS + d]!;
  network.status = 0;
  layAxes(network);
  network.layoutStatus = network.status | npusStatus(network);
  for (const s of states) {
    plan(s);
    memory(s);
    timeOptimizer(s);
    // A box that is infeasible has no time.
    if ((network.layoutStatus | s.planStatus | s.memoryStatus) === 0) planCompute(s);
  }
}

function boundStep(s: State, channels: ChannelBounds): void {
  boundCalls(s, channels);
  boundGradients(s, channels);
  s.stalePlan = true;
  s.staleStages = true;
  timeStep(s);
}

/** Adds up the graphs as the outputs of a design are; what grows with the rate goes to the other end. */
function addGraphs(states: readonly State[], { least, most }: Bounds, end: End): void {
  const network = states[0]!;
  let [timeUs, mflop, tokens, memoryMB] = [0, 0, 0, 0];
  for (const s of states) {
    const weight = graphReal(s, GRAPH_REAL.WEIGHT);
    const sequences = weight * globalBatch(s);
    timeUs += weight * s.stepUs;
    mflop += sequences * graphReal(s, GRAPH_REAL.MODEL_MFLOP);
    tokens += sequences * graphReal(s, GRAPH_REAL.TOKENS);
    memoryMB = Math.max(memoryMB, s.parts[OUTPUT.memoryMB]!);
  }
  const [same, other] = end === LEAST ? [least, most] : [most, least];
  addSources(states, least, 0);
  for (const place of SOURCES) {
    most[place] = least[place]! * (1 + ROUNDING);
    least[place]! *= 1 - ROUNDING;
  }
  same[OUTPUT.timeUs] = timeUs * (end === LEAST ? 1 - ROUNDING : 1 + ROUNDING);
  least[OUTPUT.memoryMB] = memoryMB;
  most[OUTPUT.memoryMB] = memoryMB;
  other[OUTPUT.mfu] = mflop / (same[OUTPUT.timeUs]! * systemNpus(network) * network.design[SLOT_PEAK_TFLOPS]!);
  other[OUTPUT.tokensPerSecond] = (tokens * 1e6) / same[OUTPUT.timeUs]!;
}
