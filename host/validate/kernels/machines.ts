/** The machines that GPUs of tables of collectives stand in. */

export interface KernelMachine {
  readonly preset: string;
  /** GPUs of one NVLink domain where that joins several trays. */
  readonly rack?: number;
}

/** By aiconfigurator's names of GPUs. */
const MACHINES: Readonly<Record<string, KernelMachine>> = {
  a100_sxm: { preset: 'a100-80gb' },
  h100_sxm: { preset: 'h100-sxm' },
  h200_sxm: { preset: 'h200-sxm' },
  b200_sxm: { preset: 'b200' },
  b300_sxm: { preset: 'b300' },
  gb200: { preset: 'gb200', rack: 72 },
  gb300: { preset: 'gb300', rack: 72 },
};

export function machineOf(gpu: string): KernelMachine | undefined {
  return MACHINES[gpu];
}
