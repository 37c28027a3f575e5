import { STEPS_WORKGROUP_SIZE, stepModules, stepPrelude } from '../../../kernels/astra/schedule/modules.js';
import { ROWS_STATUS, type RowTimesDesigns } from '../../../kernels/astra/schedule/rowTimesLayout.js';
import type { StepTimes } from '../../../kernels/astra/schedule/stage.js';
import {
  type PackedStep,
  STEP_RESULT_WORDS,
  STEP_WORKGROUP,
  STEP_WORKGROUP_WORDS,
  unpackTimes,
} from '../../../kernels/astra/schedule/stepLayout.js';
import type { OpenDevice } from './device.js';
import {
  createRowTimesPipelines,
  type RowTimesPipelines,
  type RowTimesWork,
  rowTimesWork,
  threadBytesOf,
} from './rowTimes.js';
import { compileModules } from './shader.js';
import { destroyAll, upload } from './spaceBuffers.js';
import { encodePass, readWork } from './submit.js';

/** Designs of one shape, with their durations one after another. */
export interface TimedDesigns {
  readonly packed: PackedStep;
  readonly durationsNs: Uint32Array;
}

/** Designs of one shape and workload, whose rows' times are found on the device. */
export interface StepDesigns {
  readonly packed: PackedStep;
  readonly rows: RowTimesDesigns;
}

/** A step that the program does not end. */
export const STOPS = 'stops';

/** What the device tells of a step; undefined where the CPU has to run it. */
export type DeviceStep = StepTimes | typeof STOPS | undefined;

/** Bytes that steps that run at a time may take for their states, or for what finds times, as WebGPU's smallest devices have them. */
const STATE_BYTES = 2 ** 26;

/** Words of shapes that are kept on the device. */
const KEPT_WORDS = 2 ** 24;

/** The shapes that were met, on the device. */
class Shapes {
  private readonly places = new Map<PackedStep, number>();
  private words = 0;
  private buffer: GPUBuffer | undefined;

  constructor(private readonly device: GPUDevice) {}

  /** Where a shape begins among all. */
  placeOf(packed: PackedStep): number {
    const known = this.places.get(packed);
    if (known !== undefined) return known;
    const place = this.words;
    this.places.set(packed, place);
    this.words += packed.words.length;
    this.destroy();
    return place;
  }

  /** Forgets all, where they are too many. */
  tidy(): void {
    if (this.words <= KEPT_WORDS) return;
    this.places.clear();
    this.words = 0;
    this.destroy();
  }

  /** All that were asked for. */
  uploaded(): GPUBuffer {
    if (this.buffer !== undefined) return this.buffer;
    const all = new Uint32Array(this.words);
    for (const [{ words }, place] of this.places) all.set(words, place);
    this.buffer = upload(this.device, all, GPUBufferUsage.STORAGE);
    return this.buffer;
  }

  destroy(): void {
    this.buffer?.destroy();
    this.buffer = undefined;
  }
}

type Designs = TimedDesigns | StepDesigns;

function countOf(designs: Designs): number {
  return 'rows' in designs ? designs.rows.systems.length : designs.durationsNs.length / (2 * designs.packed.durations);
}

/** Some of the designs. */
function partOf(designs: Designs, begin: number, end: number): Designs {
  const { packed } = designs;
  if ('rows' in designs) return { packed, rows: { ...designs.rows, systems: designs.rows.systems.slice(begin, end) } };
  return {
    packed,
    durationsNs: designs.durationsNs.subarray(2 * packed.durations * begin, 2 * packed.durations * end),
  };
}

/** Bytes that a workgroup of designs has for itself at most, in the larger of its buffers. */
function workgroupBytes(designs: Designs): number {
  const { stateWords } = designs.packed;
  return STEPS_WORKGROUP_SIZE * Math.max(4 * stateWords, 'rows' in designs ? threadBytesOf(designs.rows) : 0);
}

/** Parts of designs that fit; of a shape that is too large a workgroup at a time. */
function* partsOf(designs: Designs): Generator<Designs> {
  const groups = Math.max(1, Math.floor(STATE_BYTES / workgroupBytes(designs)));
  const step = STEPS_WORKGROUP_SIZE * groups;
  for (let at = 0; at < countOf(designs); at += step) yield partOf(designs, at, at + step);
}

/** What is dispatched together. */
class Batch {
  readonly workgroups: number[] = [];
  readonly designs: Designs[] = [];
  stateWords = 0;
  count = 0;
  private rowBytes = 0;
  private durations = 0;
  /** The shape of the last workgroup, and how many more designs of it that has room for. */
  private step = -1;
  private room = 0;

  /** Of the larger of its buffers. */
  get bytes(): number {
    return Math.max(4 * this.stateWords, this.rowBytes);
  }

  /** Of a shape that begins there; those of one shape that follow one another share workgroups. */
  add(designs: Designs, step: number): void {
    const { packed } = designs;
    if (step !== this.step) this.room = 0;
    this.step = step;
    for (let left = countOf(designs); left > 0; ) {
      if (this.room === 0) this.open(packed);
      const count = Math.min(left, this.room);
      this.workgroups[this.workgroups.length - STEP_WORKGROUP_WORDS + STEP_WORKGROUP.count]! += count;
      this.room -= count;
      this.count += count;
      this.durations += count * packed.durations;
      left -= count;
    }
    if ('rows' in designs) this.rowBytes += countOf(designs) * threadBytesOf(designs.rows);
    this.designs.push(designs);
  }

  /** A workgroup without designs. */
  private open(packed: PackedStep): void {
    const { step, count: first, stateWords: state, durations } = this;
    const words = new Array<number>(STEP_WORKGROUP_WORDS);
    const places = { step, first, count: 0, state, durations };
    for (const [name, value] of Object.entries(places)) words[STEP_WORKGROUP[name as keyof typeof places]] = value;
    this.workgroups.push(...words);
    this.stateWords += packed.stateWords * STEPS_WORKGROUP_SIZE;
    this.room = STEPS_WORKGROUP_SIZE;
  }

  /** Those that have them. */
  durationsNs(): Uint32Array {
    const all = new Uint32Array(2 * this.durations);
    let at = 0;
    for (const designs of this.designs) {
      if ('rows' in designs) continue;
      all.set(designs.durationsNs, at);
      at += designs.durationsNs.length;
    }
    return all;
  }

  /** @param statuses of rows' times, where the device has found them */
  times(results: Uint32Array, statuses: Uint32Array): DeviceStep[] {
    let design = 0;
    return this.designs.flatMap((designs) =>
      Array.from({ length: countOf(designs) }, () => {
        const status = statuses[design] ?? ROWS_STATUS.ends;
        const at = STEP_RESULT_WORDS * design++;
        if (status === ROWS_STATUS.stop) return STOPS;
        return status === ROWS_STATUS.ends ? unpackTimes(designs.packed, results, at) : undefined;
      }),
    );
  }
}

/** Runs steps of the astra-sim profile on the device. */
export interface StepRunner {
  /**
   * @param designs those of one shape together
   * @returns the times of all, one after another; why a step has no end only the CPU tells
   */
  run(designs: readonly TimedDesigns[] | readonly StepDesigns[]): Promise<DeviceStep[]>;
  destroy(): void;
}

async function createPipeline({ device, whileAlive }: OpenDevice): Promise<GPUComputePipeline> {
  const prelude = { file: 'kernels/astra/schedule/modules.ts (stepPrelude)', text: stepPrelude() };
  const module = await compileModules(device, prelude, stepModules);
  const compute = { module, entryPoint: 'run_steps' };
  return whileAlive(device.createComputePipelineAsync({ layout: 'auto', compute }));
}

/** Where a batch's durations lie, and what finds them before. */
interface Durations {
  readonly buffer: GPUBuffer;
  readonly rowTimes?: RowTimesWork;
}

/** @throws CosmicError SHADER, BACKEND_LIMIT */
export async function createStepRunner(open: OpenDevice): Promise<StepRunner> {
  const { device } = open;
  const pipeline = await createPipeline(open);
  const shapes = new Shapes(device);
  let rowTimes: Promise<RowTimesPipelines> | undefined;

  const durationsOf = async (batch: Batch): Promise<Durations> => {
    const untimed = batch.designs.flatMap((designs) => ('rows' in designs ? [designs.rows] : []));
    if (untimed.length === 0) return { buffer: upload(device, batch.durationsNs(), GPUBufferUsage.STORAGE) };
    rowTimes ??= createRowTimesPipelines(open);
    const work = await rowTimesWork(open, await rowTimes, untimed);
    return { buffer: work.durations, rowTimes: work };
  };

  const dispatch = async (batch: Batch): Promise<DeviceStep[]> => {
    const durations = await durationsOf(batch);
    const { STORAGE, COPY_SRC } = GPUBufferUsage;
    const size = 4 * STEP_RESULT_WORDS * batch.count;
    const results = device.createBuffer({ size, usage: STORAGE | COPY_SRC });
    const own = [
      durations.buffer,
      device.createBuffer({ size: 4 * batch.stateWords, usage: STORAGE }),
      results,
      upload(device, Uint32Array.from(batch.workgroups), STORAGE),
    ];
    const entries = [shapes.uploaded(), ...own].map((buffer, binding) => ({ binding, resource: { buffer } }));
    const columns = batch.workgroups.length / STEP_WORKGROUP_WORDS;
    const found = durations.rowTimes;
    const work = {
      prepare: (encoder: GPUCommandEncoder) => {
        if (found !== undefined) encodePass(open, encoder, found.work);
      },
      groups: [device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries })],
      dispatches: [{ pipeline, grid: { columns, rows: 1 } }],
    };
    const statuses = found === undefined ? [] : [{ buffer: found.statuses, bytes: found.statuses.size }];
    try {
      return await readWork(open, work, {
        parts: [{ buffer: results, bytes: size }, ...statuses],
        take: (bytes) => batch.times(new Uint32Array(bytes, 0, size / 4), new Uint32Array(bytes, size)),
      });
    } finally {
      destroyAll(own);
      found?.destroy();
    }
  };

  return {
    async run(designs) {
      shapes.tidy();
      const parts = designs.flatMap((of) => [...partsOf(of)]);
      const times: DeviceStep[] = [];
      for (let next = 0; next < parts.length; ) {
        const batch = new Batch();
        do {
          const part = parts[next++]!;
          batch.add(part, shapes.placeOf(part.packed));
        } while (next < parts.length && batch.bytes < STATE_BYTES);
        times.push(...(await dispatch(batch)));
      }
      return times;
    },
    destroy: () => shapes.destroy(),
  };
}
