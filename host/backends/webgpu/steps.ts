import { stepModules, stepPrelude } from '../../../kernels/astra/schedule/modules.js';
import type { PackedStep } from '../../../kernels/astra/schedule/packedStep.js';
import { STEP_RESULT_WORDS, STEP_WORKGROUP_WORDS } from '../../../kernels/astra/schedule/stepLayout.js';
import type { OpenDevice } from './device.js';
import { createRowTimesPipelines, type RowTimesPipelines, type RowTimesWork, rowTimesWork } from './rowTimes.js';
import { compileModules } from './shader.js';
import { destroyAll, upload } from './spaceBuffers.js';
import { Batch, type DeviceStep, partsOf, STATE_BYTES, type StepDesigns, type TimedDesigns } from './stepBatches.js';
import { encodePass, readWork } from './submit.js';

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
    const columns = batch.workgroups.length / STEP_WORKGROUP_WORDS;
    const results = device.createBuffer({ size, usage: STORAGE | COPY_SRC });
    const own = [
      durations.buffer,
      // A binding has a word at least, where no step is run.
      device.createBuffer({ size: 4 * Math.max(1, batch.stateWords), usage: STORAGE }),
      results,
      upload(device, Uint32Array.from(columns === 0 ? [0] : batch.workgroups), STORAGE),
    ];
    const entries = [shapes.uploaded(), ...own].map((buffer, binding) => ({ binding, resource: { buffer } }));
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
