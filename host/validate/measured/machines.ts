/** What machines and programs of published runs are, beyond what a row says. */

import type { Place } from '../../../psa/document.js';
import { CosmicError } from '../../../psa/errors.js';

/** The system that stands for a machine, and what is assumed of it and of the program that ran there. */
export interface Machine {
  /** Preset or file. */
  readonly system: string;
  readonly set: readonly string[];
  readonly assumptions: readonly string[];
  /** Of runs whose row names none; the system's unless given. */
  readonly weightSharding?: 'zero1';
}

interface Described extends Machine {
  /** As the column `gpu` names it. */
  readonly gpu: string;
  /** Start of the column `source`; any where empty. */
  readonly source: string;
}

const UNFUSED = 'unfused attention, as Megatron-LM had it in 2021 and 2022';

/** The first that fits a row counts. */
const MACHINES: readonly Described[] = [
  {
    gpu: 'a100-80g',
    source: 'VIA-Research/vTrain',
    system: 'dgx-a100',
    // 800 Gb/s a node: the README of vTrain's public ground truth.
    set: ['network.bandwidthGBps[1]=12.5', 'workload.attention=unfused'],
    assumptions: ['4 × 200 Gb/s InfiniBand a node', UNFUSED],
  },
  {
    gpu: 'a100-80g',
    source: '',
    system: 'dgx-a100',
    set: ['workload.attention=unfused'],
    assumptions: ['8 × 200 Gb/s InfiniBand a node', UNFUSED],
  },
  {
    gpu: 'h100-80g',
    source: '',
    system: 'dgx-h100',
    // Megatron-LM's README of July 2024 names --overlap-param-gather, which its distributed optimiser (ZeRO-1) has.
    set: ['workload.attention=fused'],
    assumptions: ['8 × 400 Gb/s InfiniBand a node', 'fused attention'],
    weightSharding: 'zero1',
  },
];

/** Any machine, as a system of one's own describes it. */
export function machineFrom(system: string): Machine {
  return { system, set: [], assumptions: [`all as in ${system}`] };
}

/**
 * The machine of a row.
 *
 * @throws CosmicError SCHEMA where no system stands for its GPU
 */
export function machineOf(gpu: string, source: string, place: Place): Machine {
  const machine = MACHINES.find((known) => known.gpu === gpu && source.startsWith(known.source));
  if (machine !== undefined) return machine;
  throw new CosmicError('SCHEMA', `no calibrated system has GPUs of the kind '${gpu}'`, {
    ...place,
    remedy: `use one of ${[...new Set(MACHINES.map((known) => known.gpu))].join(', ')}, or describe the machine: --system FILE`,
  });
}
