import { existsSync } from 'node:fs';
import { CosmicError } from '../../psa/errors.js';
import type { Workload } from '../../psa/space.js';
import { rulesOf } from '../profiles/profiles.js';
import { type AdapterSummary, findAdapter, summarize } from './webgpu/adapters.js';

/** What `auto` takes, and why, in one line. */
export interface Choice {
  readonly backend: 'webgpu' | 'cpu';
  readonly reason: string;
}

/** Without one of these, Linux has no hardware adapter, and Vulkan need not be asked: its loader would complain aloud. */
const DEVICE_FILES = ['/dev/dri', '/dev/nvidiactl', '/dev/dxg', '/dev/kgsl-3d0', '/dev/mali0'];

/** May this machine have a hardware GPU? */
export function mayHaveGpu(): boolean {
  return process.platform !== 'linux' || DEVICE_FILES.some((file) => existsSync(file));
}

/** WebGPU on a hardware adapter, else the CPU: a software adapter is the CPU too, with f32 and less control. */
export function chooseFrom(adapter: AdapterSummary | undefined): Choice {
  if (adapter === undefined) return { backend: 'cpu', reason: 'WebGPU finds no adapter' };
  if (adapter.type === 'software')
    return { backend: 'cpu', reason: `the only WebGPU adapter is software: ${adapter.name}` };
  return { backend: 'webgpu', reason: `WebGPU has a hardware adapter: ${adapter.name}` };
}

/** Decides for `auto`, for a workload where one is known. */
export async function chooseBackend(workload?: Workload): Promise<Choice> {
  const only = workload && rulesOf(workload).onlyBackend;
  if (only !== undefined) return { backend: only.name, reason: only.reason };
  if (!mayHaveGpu()) return { backend: 'cpu', reason: 'this machine has no GPU device' };
  try {
    const adapter = await findAdapter();
    return chooseFrom(adapter && summarize(adapter));
  } catch (error) {
    if (!(error instanceof CosmicError)) throw error;
    return { backend: 'cpu', reason: error.message };
  }
}
