import type { GPU as GpuJs } from 'gpu.js';
import { CosmicError } from '../../../psa/errors.js';
import { mayHaveGpu } from '../chooseBackend.js';
import { findAdapter, summarize } from '../webgpu/adapters.js';
import { loadGpu } from '../webgpu/dawn.js';
import { networkKernel, type Prices } from './networkKernel.js';

/** What gpu.js runs on. Its `gpu` mode would fall back to the CPU without a word, so the mode is always named. */
export type GpujsMode = 'webgpu' | 'webasm' | 'cpu';

/** gpu.js with the network kernel. */
export interface GpujsRunner {
  readonly mode: GpujsMode;
  /** Bandwidth, price and unpriced flag of each design; `inputs` as packInputs writes them. */
  run(inputs: Float32Array, count: number): Promise<ArrayLike<ArrayLike<number>>>;
  destroy(): Promise<void>;
}

async function hasGpu(): Promise<boolean> {
  if (!mayHaveGpu()) return false;
  const adapter = await findAdapter().catch(() => undefined);
  return adapter !== undefined && summarize(adapter).type === 'hardware';
}

/** The modes that run on this machine, the fastest first; those of WebGL want a display. */
export async function gpujsModes(): Promise<GpujsMode[]> {
  return [...((await hasGpu()) ? (['webgpu'] as const) : []), 'webasm', 'cpu'];
}

/** @throws CosmicError BACKEND_LIMIT where gpu.js is not installed: no other backend needs it */
function missing(cause: unknown): never {
  if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
  throw new CosmicError('BACKEND_LIMIT', 'the gpujs backend needs gpu.js, which is not installed', {
    remedy: 'install it (npm install gpu.js@2.24.1), or use --backend webgpu or cpu',
  });
}

/**
 * Loads gpu.js, on first use: nobody else pays for it.
 *
 * @throws CosmicError BACKEND_LIMIT where it is not installed
 */
export async function loadGpujs(mode: GpujsMode, load = () => import('gpu.js')): Promise<GpuJs> {
  if (mode === 'webgpu') {
    // gpu.js looks for WebGPU where browsers have it, once, while it loads.
    Object.defineProperty(globalThis, 'navigator', { value: { gpu: await loadGpu() }, configurable: true });
  }
  const { GPU } = await load().catch(missing);
  return new GPU({ mode });
}

/** gpu.js with the network kernel, in the fastest of its modes. */
export async function createGpujsRunner(constants: Prices): Promise<GpujsRunner> {
  const mode = (await gpujsModes())[0]!;
  const gpu = await loadGpujs(mode);
  const kernel = gpu.createKernel(networkKernel, { constants, dynamicOutput: true, dynamicArguments: true });
  return {
    mode,
    async run(inputs, count) {
      kernel.setOutput([count]);
      return (await kernel(inputs)) as ArrayLike<ArrayLike<number>>;
    },
    destroy: async () => {
      await gpu.destroy();
    },
  };
}
