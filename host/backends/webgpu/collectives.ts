import type { Plan } from '../../../kernels/astra/collective/collective.js';
import {
  COLLECTIVES_WORKGROUP_SIZE,
  collectiveModules,
  collectivePrelude,
} from '../../../kernels/astra/collective/modules.js';
import { packPlans } from '../../../kernels/astra/collective/planLayout.js';
import type { OpenDevice } from './device.js';
import { processDevice } from './session.js';
import { compileModules } from './shader.js';
import { destroyAll, upload } from './spaceBuffers.js';
import { readWork } from './submit.js';

/** What the collectives of some plans took, and on what. */
export interface CollectiveTimes {
  /** Nanoseconds; undefined where chunks wait for one another for ever. */
  readonly times: readonly (number | undefined)[];
  readonly adapter: string;
}

/** Bytes of a result: time (high and low word), and whether it comes to an end. */
const RESULT_BYTES = 12;

async function createPipeline({ device, whileAlive }: OpenDevice): Promise<GPUComputePipeline> {
  const prelude = { file: 'kernels/astra/collective/modules.ts (collectivePrelude)', text: collectivePrelude() };
  const module = await compileModules(device, prelude, collectiveModules);
  const compute = { module, entryPoint: 'collectives' };
  return whileAlive(device.createComputePipelineAsync({ layout: 'auto', compute }));
}

async function run(open: OpenDevice, plans: readonly Plan[]): Promise<(number | undefined)[]> {
  const { device } = open;
  const pipeline = await createPipeline(open);
  const packed = packPlans(plans);
  const size = packed.count * RESULT_BYTES;
  const { STORAGE, COPY_SRC } = GPUBufferUsage;
  const words = upload(device, packed.words, STORAGE);
  const scratch = device.createBuffer({ size: 4 * packed.scratchWords, usage: STORAGE });
  const results = device.createBuffer({ size, usage: STORAGE | COPY_SRC });
  const buffers = [words, scratch, results];
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const work = {
    groups: [device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries })],
    dispatches: [{ pipeline, grid: { columns: Math.ceil(packed.count / COLLECTIVES_WORKGROUP_SIZE), rows: 1 } }],
  };
  try {
    return await readWork(open, work, {
      parts: [{ buffer: results, bytes: size }],
      take(bytes) {
        const read = new Uint32Array(bytes);
        return plans.map((_, i) => (read[3 * i + 2] === 1 ? read[3 * i]! * 2 ** 32 + read[3 * i + 1]! : undefined));
      },
    });
  } finally {
    destroyAll(buffers);
  }
}

/**
 * Runs plans of collectives in WGSL, to the nanosecond as the CPU does, on the fastest adapter.
 *
 * @throws CosmicError NO_ADAPTER, SHADER, BACKEND_LIMIT
 */
export async function collectiveTimes(plans: readonly Plan[]): Promise<CollectiveTimes> {
  const open = await processDevice();
  return { times: plans.length === 0 ? [] : await run(open, plans), adapter: open.adapter.name };
}
