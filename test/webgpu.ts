import { requireAdapter } from '../host/backends/webgpu/adapters.js';
import { compileFast } from '../host/backends/webgpu/llvmpipe.js';
import { CosmicError } from '../psa/errors.js';

/**
 * Is there an adapter to test on, hardware or software? If not, says so aloud with the remedy, and fails instead where
 * COSMIC_REQUIRE_WEBGPU=1 asks for it. Tests compile much and run little, so llvmpipe compiles fast in them.
 */
export async function webgpuAvailable(): Promise<boolean> {
  compileFast();
  try {
    await requireAdapter();
    return true;
  } catch (error) {
    if (!(error instanceof CosmicError) || process.env.COSMIC_REQUIRE_WEBGPU === '1') throw error;
    console.warn(`SKIPPED: tests of the WebGPU kernels. ${error.message}. To run them: ${error.remedy}`);
    return false;
  }
}
