import type { AdapterSummary } from '../host/backends/webgpu/adapters.js';

/** An adapter that nobody has, with nothing said but its type and what is given. */
export function adapterSummary(type: AdapterSummary['type'], given: Partial<AdapterSummary> = {}): AdapterSummary {
  const limits = {
    maxBufferSize: 0,
    maxStorageBufferBindingSize: 0,
    maxStorageBuffersPerShaderStage: 0,
    maxComputeInvocationsPerWorkgroup: 0,
    maxComputeWorkgroupStorageSize: 0,
  };
  return { name: `some ${type}`, vendor: '', architecture: '', driver: '', type, limits, ...given };
}
