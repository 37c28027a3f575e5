import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { STEPS_WORKGROUP_SIZE, stepModules, stepPrelude } from '../../../kernels/astra/schedule/modules.js';
import {
  type PackedStep,
  STEP_RESULT_WORDS,
  STEP_WORKGROUP,
  STEP_WORKGROUP_WORDS,
  type StepTimes,
  unpackTimes,
} from '../../../kernels/astra/schedule/stepLayout.js';
import { packageRoot } from '../../../psa/packageRoot.js';
import type { OpenDevice } from './device.js';
import { compileShader, joinPieces } from './shader.js';
import { destroyAll, upload } from './spaceBuffers.js';
import { readWork } from './submit.js';

/** Designs of one shape, with their durations one after another. */
export interface StepDesigns {
  readonly packed: PackedStep;
  readonly durationsNs: Uint32Array;
}

/** Bytes that the states of steps that run at a time may take, as WebGPU's smallest devices have them. */
const STATE_BYTES = 2 ** 26;

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

/** What is dispatched together. */
class Batch {
  readonly workgroups: number[] = [];
  readonly designs: StepDesigns[] = [];
  stateWords = 0;
  count = 0;
  private durations = 0;

  /** Of a shape that begins there. */
  add(designs: StepDesigns, step: number): void {
    const { packed } = designs;
    const count = countOf(designs);
    for (let begun = 0; begun < count; begun += STEPS_WORKGROUP_SIZE) {
      const first = this.count + begun;
      const lanes = Math.min(STEPS_WORKGROUP_SIZE, count - begun);
      const durations = this.durations + begun * packed.durations;
      const places = { step, first, count: lanes, state: this.stateWords, durations };
      const words = new Array<number>(STEP_WORKGROUP_WORDS);
      for (const [name, value] of Object.entries(places)) words[STEP_WORKGROUP[name as keyof typeof places]] = value;
      this.workgroups.push(...words);
      this.stateWords += packed.stateWords * STEPS_WORKGROUP_SIZE;
    }
    this.designs.push(designs);
    this.count += count;
    this.durations += count * packed.durations;
  }

  durationsNs(): Uint32Array {
    const all = new Uint32Array(2 * this.durations);
    let at = 0;
    for (const { durationsNs } of this.designs) {
      all.set(durationsNs, at);
      at += durationsNs.length;
    }
    return all;
  }

  times(results: Uint32Array): (StepTimes | undefined)[] {
    let at = -STEP_RESULT_WORDS;
    return this.designs.flatMap((designs) =>
      Array.from({ length: countOf(designs) }, () => {
        at += STEP_RESULT_WORDS;
        return unpackTimes(designs.packed, results, at);
      }),
    );
  }
}

function countOf({ packed, durationsNs }: StepDesigns): number {
  return durationsNs.length / (2 * packed.durations);
}

/** Parts of designs whose states fit; of a shape that is too large a workgroup at a time. */
function* partsOf({ packed, durationsNs }: StepDesigns): Generator<StepDesigns> {
  const groups = Math.max(1, Math.floor(STATE_BYTES / (4 * packed.stateWords * STEPS_WORKGROUP_SIZE)));
  const step = 2 * packed.durations * STEPS_WORKGROUP_SIZE * groups;
  for (let at = 0; at < durationsNs.length; at += step) {
    yield { packed, durationsNs: durationsNs.subarray(at, at + step) };
  }
}

/** Runs steps of the astra-sim profile whose rows have times, on the device. */
export interface StepRunner {
  /**
   * @param designs those of one shape together
   * @returns the times of all, one after another; undefined where the CPU has to run a step
   */
  run(designs: readonly StepDesigns[]): Promise<(StepTimes | undefined)[]>;
  destroy(): void;
}

async function createPipeline({ device, whileAlive }: OpenDevice): Promise<GPUComputePipeline> {
  const files = stepModules.map((file) => ({ file, text: readFileSync(join(packageRoot, file), 'utf8') }));
  const prelude = { file: 'kernels/astra/schedule/modules.ts (stepPrelude)', text: stepPrelude() };
  const module = await compileShader(device, joinPieces([prelude, ...files]));
  const compute = { module, entryPoint: 'run_steps' };
  return whileAlive(device.createComputePipelineAsync({ layout: 'auto', compute }));
}

/** @throws CosmicError SHADER, BACKEND_LIMIT */
export async function createStepRunner(open: OpenDevice): Promise<StepRunner> {
  const { device } = open;
  const pipeline = await createPipeline(open);
  const shapes = new Shapes(device);

  const dispatch = async (batch: Batch): Promise<(StepTimes | undefined)[]> => {
    const { STORAGE, COPY_SRC } = GPUBufferUsage;
    const size = 4 * STEP_RESULT_WORDS * batch.count;
    const results = device.createBuffer({ size, usage: STORAGE | COPY_SRC });
    const own = [
      upload(device, batch.durationsNs(), STORAGE),
      device.createBuffer({ size: 4 * batch.stateWords, usage: STORAGE }),
      results,
      upload(device, Uint32Array.from(batch.workgroups), STORAGE),
    ];
    const entries = [shapes.uploaded(), ...own].map((buffer, binding) => ({ binding, resource: { buffer } }));
    const columns = batch.workgroups.length / STEP_WORKGROUP_WORDS;
    const work = {
      groups: [device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries })],
      dispatches: [{ pipeline, grid: { columns, rows: 1 } }],
    };
    try {
      const parts = [{ buffer: results, bytes: size }];
      return await readWork(open, work, { parts, take: (bytes) => batch.times(new Uint32Array(bytes)) });
    } finally {
      destroyAll(own);
    }
  };

  return {
    async run(designs) {
      const parts = designs.flatMap((of) => [...partsOf(of)]);
      const times: (StepTimes | undefined)[] = [];
      for (let next = 0; next < parts.length; ) {
        const batch = new Batch();
        do {
          const part = parts[next++]!;
          batch.add(part, shapes.placeOf(part.packed));
        } while (next < parts.length && 4 * batch.stateWords < STATE_BYTES);
        times.push(...(await dispatch(batch)));
      }
      return times;
    },
    destroy: () => shapes.destroy(),
  };
}
