import { CosmicError } from '../../../psa/errors.js';

/** Dawn's WebGPU for Node. It must stay referenced: once it is collected, drivers crash or hang. */
let gpu: GPU | undefined;

/** What to do where there is no WebGPU. */
export const INSTALL_REMEDY = 'install a Vulkan driver (`cosmic doctor` says which), or use the CPU: --backend cpu';

/**
 * Loads Dawn on first use, so that nobody else pays for it.
 *
 * @throws CosmicError NO_ADAPTER if its native module does not load here
 */
export async function loadGpu(): Promise<GPU> {
  if (gpu !== undefined) return gpu;
  try {
    const { create, globals } = await import('webgpu');
    Object.assign(globalThis, globals);
    gpu = create([]);
    return gpu;
  } catch (cause) {
    throw new CosmicError(
      'NO_ADAPTER',
      `WebGPU's native module does not load: ${(cause as Error).message.split('\n')[0]}`,
      {
        remedy: 'use a system with glibc 2.34 or newer (Debian 12, Ubuntu 22.04), or the CPU: --backend cpu',
      },
    );
  }
}
