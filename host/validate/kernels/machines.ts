/** The machines that GPUs of tables of collectives stand in. */

export interface KernelMachine {
  readonly preset: string;
  /** GPUs of one NVLink domain where that joins several trays. */
  readonly rack?: number;
  /** What single collectives have unlike a preset, as `--set` takes it. */
  readonly set: readonly string[];
}

/** A reduction by itself hides in its transfer. */
export const ALONE = ['network.reductionShare=0'];

/** NCCL of today on A100, whose preset has that of 2021 in whole steps, waiting for one another included. */
const A100_TODAY = [
  'network.efficiency[0]=0.745',
  'network.efficiency[1]=0.98',
  'network.latencyNs[0]=310',
  'network.latencyNs[1]=2300',
  'network.collectiveOverheadUs=0',
  'network.collectiveStartUs=9.9',
  'network.pieceUs=7.2',
];

/** By aiconfigurator's names of GPUs. */
const MACHINES: Readonly<Record<string, KernelMachine>> = {
  a100_sxm: { preset: 'a100-80gb', set: [...ALONE, ...A100_TODAY] },
  h100_sxm: { preset: 'h100-sxm', set: ALONE },
  h200_sxm: { preset: 'h200-sxm', set: ALONE },
  b200_sxm: { preset: 'b200', set: ALONE },
  b300_sxm: { preset: 'b300', set: ALONE },
  gb200: { preset: 'gb200', rack: 72, set: ALONE },
  gb300: { preset: 'gb300', rack: 72, set: ALONE },
};

export function machineOf(gpu: string): KernelMachine | undefined {
  return MACHINES[gpu];
}
