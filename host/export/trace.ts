/** Chrome's trace format, which Perfetto (ui.perfetto.dev) and chrome://tracing open. */

import { astraTimeline } from '../../kernels/astra/timeline.js';
import { explain } from '../../kernels/explain.js';
import { OUTPUT } from '../../kernels/outputs.js';
import { type Lane, type Slice, type Timeline, timeline } from '../../kernels/schedule/timeline.js';
import type { CompiledSpace } from '../../psa/space.js';

const LANES: readonly Lane[] = ['micro-batch', 'layer', 'compute', 'communication'];

interface TraceEvent {
  readonly name: string;
  /** X: a slice with a duration; M: a name for a process or thread. */
  readonly ph: 'X' | 'M';
  readonly pid: number;
  readonly tid: number;
  /** Begin and length in us; absent in names. */
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: { readonly name: string };
}

/** A stage is a process, a lane a thread of it. */
function nameEvents(stages: number): TraceEvent[] {
  return Array.from({ length: stages }, (_, pid): TraceEvent[] => [
    { name: 'process_name', ph: 'M', pid, tid: 0, args: { name: `stage ${pid}` } },
    ...LANES.map((lane, tid): TraceEvent => ({ name: 'thread_name', ph: 'M', pid, tid, args: { name: lane } })),
  ]).flat();
}

function sliceEvent({ stage, lane, name, startUs, durationUs }: Slice): TraceEvent {
  return { name, ph: 'X', pid: stage, tid: LANES.indexOf(lane), ts: startUs, dur: durationUs };
}

/** A step as the default profile schedules it: the phases of the workload one after another. */
function physicalTimeline({ workload, tiers }: CompiledSpace, design: Float64Array, drawn?: number): Timeline {
  let startUs = 0;
  const phases = explain(workload, tiers, design).map((graph) => {
    const phase = timeline(graph, startUs, drawn);
    startUs += graph.parts[OUTPUT.timeUs]!;
    return phase;
  });
  return {
    slices: phases.flatMap(({ slices }) => slices),
    repeated: phases.flatMap(({ repeated }) => repeated),
  };
}

/** The same in the astra-sim profile, where nothing is left out. */
function astraSlices({ workload, tiers }: CompiledSpace, design: Float64Array): Slice[] {
  let startUs = 0;
  return workload.phases.flatMap((_, graph) => {
    const drawn = astraTimeline(workload, tiers, design, graph).map((slice) => ({
      ...slice,
      startUs: slice.startUs + startUs,
    }));
    startUs = drawn.reduce((last, slice) => Math.max(last, slice.startUs + slice.durationUs), startUs);
    return drawn;
  });
}

/**
 * What runs when in one step of a design: its phases one after another, each once.
 *
 * @param drawn micro-batches at either end of a long step
 */
export function timelineOf(space: CompiledSpace, design: Float64Array, drawn?: number): Timeline {
  return space.workload.profile === 'astra-sim'
    ? { slices: astraSlices(space, design), repeated: [] }
    : physicalTimeline(space, design, drawn);
}

/** The timeline of one step of a design (its phases one after another, each once) as the text of a trace file. */
export function traceOf(space: CompiledSpace, design: Float64Array): string {
  const { slices } = timelineOf(space, design);
  const stages = slices.reduce((count, { stage }) => Math.max(count, stage + 1), 1);
  const traceEvents = [...nameEvents(stages), ...slices.map(sliceEvent)];
  return JSON.stringify({ displayTimeUnit: 'ms', traceEvents });
}
