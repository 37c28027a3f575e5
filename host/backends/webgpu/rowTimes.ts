import { packSystem, SYSTEM_WORDS } from '../../../kernels/astra/collective/planLayout.js';
import {
  hasEvents,
  ROWS_THREAD,
  ROWS_THREAD_WORDS,
  ROWS_WORKGROUP_SIZE,
  type RowTimesDesigns,
  scratchWordsOf,
  THREAD_PLAN_WORDS,
} from '../../../kernels/astra/schedule/rowTimesLayout.js';
import { rowTimesModules, rowTimesPrelude } from '../../../kernels/astra/schedule/rowTimesModules.js';
import type { OpenDevice } from './device.js';
import { compileModules } from './shader.js';
import { destroyAll, upload } from './spaceBuffers.js';
import type { Work } from './submit.js';

/** Kernels of the times of rows. */
export interface RowTimesPipelines {
  readonly layout: GPUBindGroupLayout;
  readonly rows: GPUComputePipeline;
  /** What few designs need, compiled when it is first asked for. */
  events(): Promise<GPUComputePipeline>;
}

/** In the order of the bindings: plans, scratch, rows, systems, durations, statuses, threads. */
const READ = 'read-only-storage';
const BINDINGS = ['storage', 'storage', READ, READ, 'storage', 'storage', READ] as const;

export async function createRowTimesPipelines({ device, whileAlive }: OpenDevice): Promise<RowTimesPipelines> {
  const prelude = { file: 'kernels/astra/schedule/rowTimesModules.ts (rowTimesPrelude)', text: rowTimesPrelude() };
  const module = await compileModules(device, prelude, rowTimesModules);
  const layout = device.createBindGroupLayout({
    entries: BINDINGS.map((type, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } })),
  });
  const pipelineLayout = device.createPipelineLayout({ bindGroupLayouts: [layout] });
  const create = (entryPoint: string) =>
    whileAlive(device.createComputePipelineAsync({ layout: pipelineLayout, compute: { module, entryPoint } }));
  let events: Promise<GPUComputePipeline> | undefined;
  return {
    layout,
    rows: await create('read_rows'),
    events() {
      events ??= create('read_rows_of_events');
      return events;
    },
  };
}

/** What finds the times of some designs' rows, and where they are then. */
export interface RowTimesWork {
  readonly work: Work;
  /** Whole nanoseconds (high, low) of each design, as `PackedRows.durations` says. */
  readonly durations: GPUBuffer;
  /** Of each design one of ROWS_STATUS. */
  readonly statuses: GPUBuffer;
  destroy(): void;
}

/** Bytes of what a design's threads have for themselves. */
export function threadBytesOf(designs: RowTimesDesigns): number {
  const { packed } = designs;
  return 4 * packed.stages * (THREAD_PLAN_WORDS + scratchWordsOf(packed, hasEvents(designs)));
}

/** Places of threads, of all workloads one after another; see ROWS_THREAD. */
class Threads {
  readonly words: Uint32Array;
  readonly count: number;
  events = false;
  designs = 0;
  durations = 0;
  scratch = 0;
  private rows = 0;

  constructor(all: readonly RowTimesDesigns[]) {
    this.count = all.reduce((sum, { packed, systems }) => sum + packed.stages * systems.length, 0);
    this.words = new Uint32Array(this.count * ROWS_THREAD_WORDS);
    let at = 0;
    for (const designs of all) at = this.add(designs, at);
  }

  private add(designs: RowTimesDesigns, from: number): number {
    const { stages, durations, words } = designs.packed;
    const events = hasEvents(designs);
    const scratchWords = scratchWordsOf(designs.packed, events);
    let at = from;
    for (let i = 0; i < designs.systems.length; i++) {
      for (let stage = 0; stage < stages; stage++) {
        this.words[at + ROWS_THREAD.rows] = this.rows;
        this.words[at + ROWS_THREAD.design] = this.designs;
        this.words[at + ROWS_THREAD.stage] = stage;
        this.words[at + ROWS_THREAD.durations] = this.durations;
        this.words[at + ROWS_THREAD.scratch] = this.scratch;
        this.words[at + ROWS_THREAD.scratchWords] = scratchWords;
        this.words[at + ROWS_THREAD.events] = Number(events);
        this.scratch += scratchWords;
        at += ROWS_THREAD_WORDS;
      }
      this.designs++;
      this.durations += durations;
    }
    this.events ||= events;
    this.rows += words.length;
    return at;
  }
}

function rowsOf(all: readonly RowTimesDesigns[]): Uint32Array {
  const rows = new Uint32Array(all.reduce((sum, { packed }) => sum + packed.words.length, 0));
  let at = 0;
  for (const { packed } of all) {
    rows.set(packed.words, at);
    at += packed.words.length;
  }
  return rows;
}

function systemsOf(all: readonly RowTimesDesigns[], count: number): Uint32Array {
  const words = new Uint32Array(count * SYSTEM_WORDS);
  let at = 0;
  for (const { systems } of all) {
    for (const system of systems) {
      packSystem(system, words, at);
      at += SYSTEM_WORDS;
    }
  }
  return words;
}

/** Prepares the times of the rows of designs, which lie in their order. */
export async function rowTimesWork(
  { device }: OpenDevice,
  pipelines: RowTimesPipelines,
  designs: readonly RowTimesDesigns[],
): Promise<RowTimesWork> {
  const threads = new Threads(designs);
  const kernels = threads.events ? [pipelines.rows, await pipelines.events()] : [pipelines.rows];
  const { STORAGE, COPY_SRC } = GPUBufferUsage;
  const room = (words: number, usage = STORAGE) => device.createBuffer({ size: 4 * words, usage });
  const durations = room(2 * threads.durations, STORAGE | COPY_SRC);
  const statuses = room(threads.designs, STORAGE | COPY_SRC);
  const buffers = [
    room(threads.count * THREAD_PLAN_WORDS),
    room(threads.scratch),
    upload(device, rowsOf(designs), STORAGE),
    upload(device, systemsOf(designs, threads.designs), STORAGE),
    durations,
    statuses,
    upload(device, threads.words, STORAGE),
  ];
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  return {
    work: {
      groups: [device.createBindGroup({ layout: pipelines.layout, entries })],
      dispatches: kernels.map((pipeline) => ({
        pipeline,
        grid: { columns: Math.ceil(threads.count / ROWS_WORKGROUP_SIZE), rows: 1 },
      })),
    },
    durations,
    statuses,
    destroy: () => destroyAll(buffers),
  };
}
