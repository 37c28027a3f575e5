/** Chrome's trace format, which Perfetto (ui.perfetto.dev) and chrome://tracing open. */
import type { Lane, Slice } from '../../kernels/schedule/timeline.js';
import type { CompiledSpace } from '../../psa/space.js';
import { rulesOf } from '../profiles/profiles.js';

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

/** The timeline of one step of a design (its phases one after another, each once) as the text of a trace file. */
export function traceOf(space: CompiledSpace, design: Float64Array): string {
  const { slices } = rulesOf(space.workload).timeline(space, design);
  const stages = slices.reduce((count, { stage }) => Math.max(count, stage + 1), 1);
  const traceEvents = [...nameEvents(stages), ...slices.map(sliceEvent)];
  return JSON.stringify({ displayTimeUnit: 'ms', traceEvents });
}
