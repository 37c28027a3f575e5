/** The machines that GPUs of public tables stand in. */

export interface GpuMachine {
  readonly preset: string;
  /** GPUs of one NVLink domain where that joins several trays. */
  readonly rack?: number;
  /** A card on PCI Express: how its collectives go through the host is not modelled. */
  readonly card?: true;
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
  l40s: { preset: 'l40s', card: true },
  rtx_pro_6000_server: { preset: 'rtx-pro-6000', card: true },
};

export function machineOf(gpu: string): GpuMachine | undefined {
  return MACHINES[gpu];
}
