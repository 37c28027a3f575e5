import { CosmicError } from '../../../psa/errors.js';
import { INSTALL_REMEDY, loadGpu } from './dawn.js';

/** An adapter in words. */
export interface AdapterSummary {
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  readonly driver: string;
  /** Software adapters run on the CPU. */
  readonly type: 'hardware' | 'software';
  readonly limits: {
    readonly maxBufferSize: number;
    readonly maxStorageBufferBindingSize: number;
    readonly maxStorageBuffersPerShaderStage: number;
    readonly maxComputeInvocationsPerWorkgroup: number;
    readonly maxComputeWorkgroupStorageSize: number;
  };
}

/** Names of Vulkan drivers that run on the CPU, for adapters that do not say so themselves. */
const SOFTWARE = /llvmpipe|lavapipe|swiftshader/i;

/** Describes an adapter. */
export function summarize({ info, limits }: GPUAdapter): AdapterSummary {
  const software = info.isFallbackAdapter || SOFTWARE.test(`${info.device} ${info.description} ${info.architecture}`);
  return {
    name: info.device || info.description || info.vendor,
    vendor: info.vendor,
    architecture: info.architecture,
    driver: info.description,
    type: software ? 'software' : 'hardware',
    limits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
    },
  };
}

/** The fastest adapter that WebGPU offers, or undefined. */
export async function findAdapter(): Promise<GPUAdapter | undefined> {
  const gpu = await loadGpu();
  return (await gpu.requestAdapter({ powerPreference: 'high-performance' })) ?? undefined;
}

/** @throws CosmicError NO_ADAPTER */
export async function requireAdapter(): Promise<GPUAdapter> {
  const adapter = await findAdapter();
  if (adapter !== undefined) return adapter;
  throw new CosmicError('NO_ADAPTER', 'WebGPU finds no adapter on this machine', { remedy: INSTALL_REMEDY });
}

/** The fastest adapter and the fallback one, where they exist and differ. */
export async function listAdapters(): Promise<AdapterSummary[]> {
  const gpu = await loadGpu();
  const found = [await findAdapter(), await gpu.requestAdapter({ forceFallbackAdapter: true })];
  const summaries = found.flatMap((adapter) => (adapter ? [summarize(adapter)] : []));
  return summaries.filter(({ name }, i) => summaries.findIndex((other) => other.name === name) === i);
}
