import type { Bounder as BoxBounder } from '../../../kernels/bound/bounder.js';
import { createBoxValuer } from '../../../kernels/bound/goalBound.js';
import { CHANGED_ALL } from '../../../kernels/changes.js';
import {
  DECODE_MODE,
  decodeDigits,
  decodeFixed,
  decodeGenes,
  decodeNext,
  type Source,
} from '../../../kernels/decode/decode.js';
import { packGenes } from '../../../kernels/decode/genes.js';
import { planNumber, planWeights } from '../../../kernels/decode/planNumber.js';
import { brokenLimits } from '../../../kernels/objective/fitness.js';
import { Goal } from '../../../kernels/objective/goal.js';
import { OUTPUT_COUNT, STATUS } from '../../../kernels/outputs.js';
import { createDeriver } from '../../../kernels/quantities/derive.js';
import type { SweepPart } from '../../../kernels/reduce/reduce.js';
import { chunkPart, Reducer } from '../../../kernels/reduce/reducer.js';
import { Selection } from '../../../kernels/reduce/selection.js';
import { NO_PLAN_NUMBER } from '../../../kernels/schedule/planned.js';
import type { Simulator } from '../../../kernels/simulate.js';
import { SLOT_COUNT } from '../../../psa/parameters.js';
import type { CompiledSpace } from '../../../psa/space.js';
import { rulesOf } from '../../profiles/profiles.js';
import type { Batch, Bounds, BoundsRequest, BoxesRequest, BoxValues, Results, SweepRequest } from '../evaluator.js';
import { batchSource, ordinalOf, sweepSource } from '../source.js';

/** The f64 twins on one thread. */
export interface Engine {
  /** As {@link Evaluator.evaluate}. */
  evaluate(batch: Batch, skip?: number): Results;
  /** Sweeps the positions start … start + count − 1 of the request. */
  sweep(request: SweepRequest, start: bigint, count: number): SweepPart;
  /** As {@link Evaluator.bounds}; only where the profile has bounds. */
  bounds(request: BoundsRequest): Bounds;
  /** As {@link Evaluator.bound}. */
  bound(request: BoxesRequest): BoxValues;
}

/** What one thread has of a space: room for one design, and the f64 twins over it. */
type Twins = ReturnType<typeof createTwins>;

function createTwins(space: CompiledSpace) {
  const packed = packGenes(space);
  const { createSimulator, createBounder, createBoxBounder, shapeNumber } = rulesOf(space.workload);
  const deriveAll = createDeriver(space);
  const simulator = createSimulator(space.workload, space.tiers, deriveAll !== undefined);
  const digits = new Uint32Array(packed.count);
  const design = new Float64Array(SLOT_COUNT);
  decodeFixed(packed, design);
  const weights = planWeights(packed);
  let bounder: Simulator | undefined;
  const boxBounders = new Map<boolean, BoxBounder>();

  const read = (source: Source, index: number): Float64Array => {
    decodeDigits(packed, source, index, digits);
    decodeGenes(packed, digits, design);
    return design;
  };

  /** The number of the plan of the design that was read by its digits. */
  const numberOfPlan = (): number => (weights === undefined ? NO_PLAN_NUMBER : planNumber(weights, digits));

  return {
    space,
    packed,
    /** The design that was read or simulated last. */
    design,
    /** Of all outputs that derive from others. */
    deriveAll,
    read,
    /** Do designs have a {@link sharedNumber}? */
    shares: shapeNumber !== undefined || weights !== undefined,
    /** What a simulator keeps of a design for others: its shape, as {@link Rules.shapeNumber}, or else its plan. */
    sharedNumber(source: Source, index: number): number {
      if (shapeNumber !== undefined) return shapeNumber(read(source, index));
      decodeDigits(packed, source, index, digits, weights?.length);
      return numberOfPlan();
    },
    /** Simulates a design by itself. */
    simulate: (source: Source, index: number, outputs: Float64Array, row: number, skip = 0): number =>
      simulator(read(source, index), outputs, row, CHANGED_ALL, skip, numberOfPlan()),
    /** Simulates the design behind the one that was simulated, by what it differs from it. */
    simulateNext: (source: Source, index: number, outputs: Float64Array, skip: number): number =>
      simulator(design, outputs, 0, decodeNext(packed, source, index, design), skip),
    bounder(): Simulator {
      bounder ??= createBounder!(space.workload, space.tiers);
      return bounder;
    },
    boxBounder(priced: boolean): BoxBounder {
      const bound = boxBounders.get(priced) ?? createBoxBounder(space, priced);
      boxBounders.set(priced, bound);
      return bound;
    },
  };
}

/** An engine for a space. */
export function createEngine(space: CompiledSpace): Engine {
  const twins = createTwins(space);
  return {
    evaluate: (batch, skip = 0) => evaluate(twins, batch, skip),
    sweep: (request, start, count) => sweep(twins, request, start, count),
    bounds: (request) => boundsOfDesigns(twins, request),
    bound: (request) => boundsOfBoxes(twins, request),
  };
}

/** Designs of a sweep that are put in order at a time: those that share a plan are a hundred by then. A chunk seldom has as many. */
const ORDERED_BLOCK = 65_536;

/** Are designs that share what a simulator keeps run one after another? As neighbours by ordinal they mostly are already. */
function isOrdered({ shares }: Twins, { mode }: Source): boolean {
  return shares && mode !== DECODE_MODE.ordinals;
}

/**
 * Numbers of designs behind the one at an index, in the order in which they are run; see {@link isOrdered}. What is shared runs in the
 * order of its numbers, as two of nearly one number have parts in common: most shapes of steps the graphs of their stages.
 */
function orderOf({ sharedNumber }: Twins, source: Source, first: number, count: number): Float64Array {
  const order = new Float64Array(count);
  const ranks = new Map<number, number>();
  for (let place = 0; place < count; place++) {
    order[place] = sharedNumber(source, first + place);
    ranks.set(order[place]!, 0);
  }
  Float64Array.from(ranks.keys())
    .sort()
    .forEach((shared, rank) => {
      ranks.set(shared, rank);
    });
  // A rank and a place as one number, which is sorted without a call for each two.
  for (let place = 0; place < count; place++) order[place] = count * ranks.get(order[place]!)! + place;
  order.sort();
  for (let i = 0; i < count; i++) order[i]! %= count;
  return order;
}

function evaluate(twins: Twins, batch: Batch, skip: number): Results {
  const { space, design, deriveAll, simulate } = twins;
  const source = batchSource(space, batch);
  const outputs = new Float64Array(batch.count * OUTPUT_COUNT);
  const status = new Uint32Array(batch.count);
  const order = isOrdered(twins, source) ? orderOf(twins, source, 0, batch.count) : undefined;
  for (let place = 0; place < batch.count; place++) {
    const i = order === undefined ? place : order[place]!;
    status[i] = simulate(source, i, outputs, i * OUTPUT_COUNT, skip);
    if ((status[i]! & skip) === 0) deriveAll?.(design, outputs, i * OUTPUT_COUNT);
  }
  return { count: batch.count, outputs, status };
}

function sweep(twins: Twins, request: SweepRequest, start: bigint, count: number): SweepPart {
  const { space, packed, design, simulate, simulateNext } = twins;
  const { objectives, top, pareto, limits = [] } = request;
  const source = sweepSource(space, request, start);
  const selection = new Selection({ objectiveCount: objectives.length, top, pareto });
  const goal = new Goal(space, objectives, limits);
  const { mask } = goal;
  // Limits may ask for any output, also of designs that are infeasible.
  const skip = request.everyOutput || limits.length > 0 ? 0 : mask;
  const derive = request.everyOutput ? twins.deriveAll : createDeriver(space, goal.outputs);
  const reducer = new Reducer(selection, goal);
  const ordered = isOrdered(twins, source);
  const block = ordered ? Math.min(count, ORDERED_BLOCK) : 1;
  const outputs = new Float64Array(OUTPUT_COUNT);
  const values = new Float64Array(block * objectives.length);
  const statuses = new Uint32Array(block);
  const broken = new Uint32Array(block);

  const run = (i: number, place: number): void => {
    const follows = i > 0 && source.mode === DECODE_MODE.ordinals;
    const status = follows ? simulateNext(source, i, outputs, skip) : simulate(source, i, outputs, 0, skip);
    if (skip === 0 || (status & mask) === 0) derive?.(design, outputs, 0);
    if ((status & mask) === 0) goal.writeValues(values, place * objectives.length, outputs, 0);
    statuses[place] = status;
    broken[place] = brokenLimits(limits, outputs, 0);
  };
  const reduce = (i: number, place: number): void =>
    reducer.reduceDesign(i, statuses[place]!, broken[place]!, values, place * objectives.length);

  for (let i = 0; i < count && !ordered; i++) {
    run(i, 0);
    reduce(i, 0);
  }
  for (let first = 0; first < count && ordered; first += block) {
    const size = Math.min(block, count - first);
    for (const place of orderOf(twins, source, first, size)) run(first + place, place);
    for (let place = 0; place < size; place++) reduce(first + place, place);
  }
  return chunkPart(start, count, limits.length, reducer.counters, selection, ordinalOf(space, packed, source, start));
}

function boundsOfDesigns(twins: Twins, { objectives, start, count }: BoundsRequest): Bounds {
  const { space, design, read } = twins;
  const bounder = twins.bounder();
  const source = batchSource(space, { kind: 'ordinals', start, count });
  const goals = objectives.map((objective) => new Goal(space, [objective]));
  const { mask, outputs: wanted } = new Goal(space, objectives);
  const derive = createDeriver(space, wanted);
  const outputs = new Float64Array(OUTPUT_COUNT);
  const values = objectives.map(() => new Float64Array(count).fill(Number.POSITIVE_INFINITY));
  for (let i = 0; i < count; i++) {
    if ((bounder(read(source, i), outputs, 0) & mask) !== 0) continue;
    derive?.(design, outputs, 0);
    for (const [k, goal] of goals.entries()) values[k]![i] = goal.valueOf(outputs);
  }
  return values;
}

function boundsOfBoxes(twins: Twins, { objectives, limits, count, first, last, both }: BoxesRequest): BoxValues {
  const { space } = twins;
  const goal = new Goal(space, objectives, limits);
  const bound = twins.boxBounder((goal.mask & STATUS.PRICE) !== 0);
  const valueBox = createBoxValuer(space, goal);
  const width = space.genes.length;
  const best = new Float64Array(count);
  const worst = new Float64Array(count);
  const status = new Uint32Array(count);
  const broken = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const [from, to] = [i * width, (i + 1) * width];
    const box = { first: first.subarray(from, to), last: last.subarray(from, to) };
    const value = valueBox(box, bound(box, both));
    best[i] = value.best;
    worst[i] = value.worst;
    status[i] = value.status;
    broken[i] = value.broken;
  }
  return { best, worst, status, broken };
}
