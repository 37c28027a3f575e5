/** What each change of a design is worth, and what more of each resource would bring: one thing altered at a time, in f64. */
import { Goal } from '../../kernels/objective/goal.js';
import type { Objective } from '../../kernels/objective/objective.js';
import { OUTPUT, type OutputName, partsOf } from '../../kernels/outputs.js';
import { describeDesign } from '../../psa/ordinals.js';
import { SLOT, slotOf } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import { designEvaluator } from '../designs/designs.js';
import { type Change, singleChanges } from './changes.js';

/** A design with some of its changes against a reference taken back. */
export interface TakenBack extends Change {
  /** Values of the design, and without the change: `1024 × 1`. */
  readonly from: string;
  readonly to: string;
  /** Objective relative to the design's; undefined where the altered design is infeasible. */
  readonly ratio: number | undefined;
  readonly reasons: readonly string[];
}

/** What more of one resource would bring. */
export interface Relief {
  readonly resource: string;
  /** Step time with twice as much of it, and with a thousand times as much, us; of a latency with as small a part. */
  readonly doubledUs: number;
  readonly unlimitedUs: number;
}

export interface Bottleneck {
  readonly resource: string;
  /** For people: what doubles it. A latency is halved. */
  readonly doubling: 'twice as much' | 'half as much';
  /** How many times faster a step then is. */
  readonly speedup: number;
}

const UNLIMITED = 1000;

/** Values of some slots in their order, for people. */
function valuesOf(space: CompiledSpace, design: Float64Array, slots: readonly number[]): string {
  const entries = describeDesign(space, design);
  const entryOf = (slot: number) => entries.find((entry) => slotOf(entry.parameter) + (entry.dimension ?? 0) === slot)!;
  return slots.map((slot) => entryOf(slot).value).join(' × ');
}

/**
 * Takes back each change of a design against a reference, one at a time: what it is worth.
 *
 * @param reference SLOT_COUNT numbers, such as the system's default
 * @param changesOf what counts as one change; parameter by parameter unless given
 * @returns the worst loss first; infeasible ones at the front
 */
export function takeBack(
  space: CompiledSpace,
  design: Float64Array,
  reference: Float64Array,
  objective: Objective,
  changesOf = singleChanges,
): TakenBack[] {
  const evaluate = designEvaluator(space);
  const goal = new Goal(space, [objective]);
  const own = goal.valueOf(evaluate(design).outputs);
  const rank = ({ ratio }: TakenBack) => ratio ?? Number.POSITIVE_INFINITY;
  return changesOf(space, design, reference)
    .map((change): TakenBack => {
      const { outputs, status } = evaluate(change.without);
      const reasons = goal.reasonsOf(status);
      return {
        ...change,
        from: valuesOf(space, design, change.slots),
        to: valuesOf(space, change.without, change.slots),
        ratio: reasons.length === 0 ? goal.valueOf(outputs) / own : undefined,
        reasons,
      };
    })
    .sort((a, b) => (rank(a) === rank(b) ? 0 : rank(b) - rank(a)));
}

/** Smaller changes of an objective, and smaller gains in time, are not worth a row. */
const NOTICEABLE = 5e-4;
const USEFUL = 5e-3;
/** A change that makes an objective less than so many times worse is noise of the model. */
export const MATTERS = 1 + USEFUL;

/** Does taking a change back make a difference that shows? */
export function isNoticeable({ ratio }: TakenBack): boolean {
  return ratio === undefined || Math.abs(ratio - 1) >= NOTICEABLE;
}

/** Would a thousand times as much of a resource make a step noticeably faster than `timeUs`? */
export function isUseful({ unlimitedUs }: Relief, timeUs: number): boolean {
  return unlimitedUs < timeUs * (1 - USEFUL);
}

interface Resource {
  readonly name: string;
  readonly slot: number;
  /** What more of it does to its parameter: a bandwidth grows, a latency shrinks. */
  readonly grows: boolean;
}

function resourcesOf({ dimensions }: CompiledSpace): Resource[] {
  const perDimension = Array.from({ length: dimensions }, (_, d): Resource[] => [
    { name: `bandwidth of network dimension ${d}`, slot: SLOT.network.bandwidthGBps + d, grows: true },
    { name: `latency of network dimension ${d}`, slot: SLOT.network.latencyNs + d, grows: false },
  ]);
  return [
    { name: 'peak arithmetic rate', slot: SLOT.compute.peakTflops, grows: true },
    { name: 'memory bandwidth', slot: SLOT.compute.memoryBandwidthGBps, grows: true },
    ...perDimension.flat(),
  ];
}

function improved(design: Float64Array, { slot, grows }: Resource, factor: number): Float64Array {
  const altered = design.slice();
  altered[slot] = grows ? design[slot]! * factor : design[slot]! / factor;
  return altered;
}

/** Times steps; one that ASTRA-sim does not end takes forever. */
function stepTimer(space: CompiledSpace): (design: Float64Array) => number {
  const evaluate = designEvaluator(space);
  return (design) => evaluate(design).outputs[OUTPUT.timeUs]! || Number.POSITIVE_INFINITY;
}

/** What twice and a thousand times as much of each resource would bring; the most useful resource first. */
export function relieve(space: CompiledSpace, design: Float64Array): Relief[] {
  const timeUs = stepTimer(space);
  return resourcesOf(space)
    .map((resource) => ({
      resource: resource.name,
      doubledUs: timeUs(improved(design, resource, 2)),
      unlimitedUs: timeUs(improved(design, resource, UNLIMITED)),
    }))
    .sort((a, b) => (a.doubledUs === b.doubledUs ? 0 : a.doubledUs - b.doubledUs));
}

/**
 * What bounds a design, and what does once that is relieved: at each step the resource whose doubling helps most is made
 * plentiful.
 *
 * @param count how many to name; fewer where the step without the first ones does not end
 */
export function bottlenecks(space: CompiledSpace, design: Float64Array, count: number): Bottleneck[] {
  const timeUs = stepTimer(space);
  const found: Bottleneck[] = [];
  let relieved = design;
  let left = resourcesOf(space);
  while (found.length < count && left.length > 0) {
    const beforeUs = timeUs(relieved);
    if (beforeUs === Number.POSITIVE_INFINITY) break;
    const speedups = left.map((resource) => beforeUs / timeUs(improved(relieved, resource, 2)));
    const best = speedups.indexOf(Math.max(...speedups));
    const { name: resource, grows } = left[best]!;
    found.push({ resource, doubling: grows ? 'twice as much' : 'half as much', speedup: speedups[best]! });
    relieved = improved(relieved, left[best]!, UNLIMITED);
    left = left.filter((_, i) => i !== best);
  }
  return found;
}

/** Does the step feel that there is more of what bounds it? */
export function isFelt({ speedup }: Bottleneck): boolean {
  return speedup > 1 + NOTICEABLE;
}

/** A part of a whole output. */
export interface Share {
  readonly name: OutputName;
  readonly value: number;
  readonly share: number;
}

/** The parts of step time or memory, largest first. */
export function sharesOf(outputs: Float64Array, whole: 'timeUs' | 'memoryMB'): Share[] {
  return partsOf(whole)
    .map((name) => ({
      name,
      value: outputs[OUTPUT[name]]!,
      share: outputs[OUTPUT[name]]! / outputs[OUTPUT[whole]]!,
    }))
    .sort((a, b) => b.value - a.value);
}
