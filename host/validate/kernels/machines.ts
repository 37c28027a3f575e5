/** The machines that GPUs of kernel tables stand in, and what NCCL alone takes on them. */

export interface KernelMachine {
  readonly preset: string;
  /** GPUs of one NVLink domain where that joins several trays. */
  readonly rack?: number;
  /** NCCL's constants, as `--set` takes them: a preset has those of whole training steps, waiting for one another included. */
  readonly set: readonly string[];
}

/** Fitted to the rows of nccl-tests on each GPU; between domains to those of ten nodes of H100. A reduction hides in its transfer. */
function nccl(efficiency: number, hopNs: number, startUs: number, pieceUs: number, inSwitch: number): string[] {
  return [
    `network.efficiency[0]=${efficiency}`,
    'network.efficiency[1]=0.98',
    `network.latencyNs[0]=${hopNs}`,
    'network.latencyNs[1]=2300',
    'network.collectiveOverheadUs=0',
    `network.collectiveStartUs=${startUs}`,
    `network.pieceUs=${pieceUs}`,
    'network.reductionShare=0',
    `network.inSwitchEfficiency[0]=${inSwitch}`,
  ];
}

/** By aiconfigurator's names of GPUs. */
const MACHINES: Readonly<Record<string, KernelMachine>> = {
  a100_sxm: { preset: 'a100-80gb', set: nccl(0.745, 310, 9.9, 7.2, 0) },
  h100_sxm: { preset: 'h100-sxm', set: nccl(0.796, 365, 5.2, 3.7, 0.87) },
  h200_sxm: { preset: 'h200-sxm', set: nccl(0.762, 385, 5.25, 2.7, 0.91) },
  b200_sxm: { preset: 'b200', set: nccl(0.73, 525, 8.5, 5, 0.69) },
  b300_sxm: { preset: 'b300', set: nccl(0.75, 505, 8.5, 4.6, 0.68) },
  gb200: { preset: 'gb200', rack: 72, set: nccl(0.685, 375, 9.4, 4, 0.77) },
  gb300: { preset: 'gb300', rack: 72, set: nccl(0.675, 420, 8.7, 3.4, 0.77) },
};

export function machineOf(gpu: string): KernelMachine | undefined {
  return MACHINES[gpu];
}
