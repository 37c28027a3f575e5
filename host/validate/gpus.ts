/** The machines that GPUs of public tables stand in. */
import type { Place } from '../../psa/document.js';
import { CosmicError } from '../../psa/errors.js';

/** A last level of cache beside memory so much slower that it decides what a kernel takes that is run again and again. */
export interface LargeCache {
  readonly sizeMB: number;
  /** Of products: calibrated on those of ai-dynamo/aiconfigurator (095f58a5), with the rates of the machine's products. */
  readonly bandwidthGBps: number;
}

/**
 * What kernels take by themselves that read and write each value once, run again and again in a graph: their start, shorter than that of
 * products, and their rate in the cache. Calibrated on static quantisations of ai-dynamo/aiconfigurator (095f58a5), TensorRT-LLM's and vLLM's.
 */
export interface Streams {
  readonly startUs: number;
  readonly cache: LargeCache;
}

export interface GpuMachine {
  readonly preset: string;
  /** GPUs of one NVLink domain where that joins several trays. */
  readonly rack?: number;
  /** A card on PCI Express: how its collectives go through the host is not modelled. */
  readonly card?: true;
  readonly cache?: LargeCache;
  readonly streams?: Streams;
}

/** Streams of a chip whose last cache has so many MB. */
const streams = (sizeMB: number, startUs: number, bandwidthGBps: number): Streams => ({
  startUs,
  cache: { sizeMB, bandwidthGBps },
});

/** By what tables call their GPUs: those of steps, and, with an underscore, aiconfigurator's of kernels. */
const MACHINES: Readonly<Record<string, GpuMachine>> = {
  'a100-40g': { preset: 'a100-40gb' },
  'a100-80g': { preset: 'a100-80gb' },
  'a800-80g': { preset: 'a800-80gb' },
  a100_sxm: { preset: 'a100-80gb' },
  'h100-80g': { preset: 'h100-sxm' },
  // NVIDIA H100 white paper: 50 MB, as H200; NVIDIA Blackwell tuning guide: 126 MB.
  h100_sxm: { preset: 'h100-sxm', streams: streams(50, 1.4, 4900) },
  'h100-96g-500w': { preset: 'h100-96gb-500w' },
  'h200-141g': { preset: 'h200-sxm' },
  h200_sxm: { preset: 'h200-sxm', streams: streams(50, 1.34, 4800) },
  'h800-80g': { preset: 'h800-sxm' },
  h800_sxm: { preset: 'h800-sxm' },
  'b200-180g': { preset: 'b200' },
  b200_sxm: { preset: 'b200', streams: streams(126, 1.97, 5000) },
  'b300-270g': { preset: 'b300' },
  b300_sxm: { preset: 'b300', streams: streams(126, 1.73, 4800) },
  gb200: { preset: 'gb200', rack: 72, streams: streams(126, 2.08, 5500) },
  gb300: { preset: 'gb300', rack: 72, streams: streams(126, 2.04, 5600) },
  // NVIDIA Ada GPU architecture white paper: 96 MB.
  l40s: { preset: 'l40s', card: true, cache: { sizeMB: 96, bandwidthGBps: 1500 }, streams: streams(96, 2.5, 7200) },
  // NVIDIA RTX Blackwell GPU architecture white paper: 128 MB.
  rtx_pro_6000_server: {
    preset: 'rtx-pro-6000',
    card: true,
    cache: { sizeMB: 128, bandwidthGBps: 4200 },
    streams: streams(128, 1.66, 5600),
  },
  mi300x: { preset: 'mi300x' },
  mi325x: { preset: 'mi325x' },
  mi350x: { preset: 'mi350x' },
  mi355x: { preset: 'mi355x' },
  'tpu-v4-32g': { preset: 'tpu-v4' },
  'tpu-v5e-16g': { preset: 'tpu-v5e' },
  'tpu-v5p-95g': { preset: 'tpu-v5p' },
  'tpu-v6e-32g': { preset: 'tpu-v6e' },
  'tpu7x-ironwood-192g': { preset: 'tpu-ironwood' },
};

export function machineOf(gpu: string): GpuMachine | undefined {
  return MACHINES[gpu];
}

/**
 * The machine of a GPU.
 *
 * @throws CosmicError SCHEMA where no machine stands for it
 */
export function machinePreset(gpu: string, place: Place): string {
  const known = machineOf(gpu);
  if (known !== undefined) return known.preset;
  throw new CosmicError('SCHEMA', `no calibrated system has GPUs of the kind '${gpu}'`, {
    ...place,
    remedy: `use one of ${Object.keys(MACHINES).join(', ')}`,
  });
}
