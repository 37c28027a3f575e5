/** The machines that GPUs of public tables stand in. */

/** A last level of cache beside memory so much slower that it decides what a kernel takes that is run again and again. */
export interface LargeCache {
  readonly sizeMB: number;
  /** Calibrated on products of ai-dynamo/aiconfigurator (095f58a5), with the rates of the machine's products. */
  readonly bandwidthGBps: number;
}

export interface GpuMachine {
  readonly preset: string;
  /** GPUs of one NVLink domain where that joins several trays. */
  readonly rack?: number;
  /** A card on PCI Express: how its collectives go through the host is not modelled. */
  readonly card?: true;
  readonly cache?: LargeCache;
}

/** By aiconfigurator's names of GPUs. */
const MACHINES: Readonly<Record<string, GpuMachine>> = {
  a100_sxm: { preset: 'a100-80gb' },
  h100_sxm: { preset: 'h100-sxm' },
  h200_sxm: { preset: 'h200-sxm' },
  h800_sxm: { preset: 'h800-sxm' },
  b200_sxm: { preset: 'b200' },
  b300_sxm: { preset: 'b300' },
  gb200: { preset: 'gb200', rack: 72 },
  gb300: { preset: 'gb300', rack: 72 },
  // NVIDIA Ada GPU architecture white paper: 96 MB.
  l40s: { preset: 'l40s', card: true, cache: { sizeMB: 96, bandwidthGBps: 1500 } },
  // NVIDIA RTX Blackwell GPU architecture white paper: 128 MB.
  rtx_pro_6000_server: { preset: 'rtx-pro-6000', card: true, cache: { sizeMB: 128, bandwidthGBps: 4200 } },
};

export function machineOf(gpu: string): GpuMachine | undefined {
  return MACHINES[gpu];
}
