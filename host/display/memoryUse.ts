import { OUTPUT } from '../../kernels/outputs.js';
import { SLOT } from '../../psa/parameters.js';
import type { EvaluatedDesign } from '../designs/designs.js';
import { formatNumber, formatShare } from './format.js';

/** Beyond this share of the capacity an estimate of memory is no promise that the run fits. */
const TIGHT = 0.92;

/** How much of its NPU's memory a design takes. */
export interface MemoryUse {
  /** Allocated, and with what the allocator reserves beyond it. */
  readonly allocatedMB: number;
  readonly usedMB: number;
  readonly capacityMB: number;
  /** What `compute.reserveGB` keeps free. */
  readonly reserveMB: number;
  /** Used of the capacity. */
  readonly share: number;
  /** Is it so close to the capacity that it is worth a word? */
  readonly tight: boolean;
}

export function memoryUse({ design, outputs }: Pick<EvaluatedDesign, 'design' | 'outputs'>): MemoryUse {
  const usedMB = outputs[OUTPUT.reservedMB]!;
  const capacityMB = design[SLOT.compute.memoryCapacityGB]! * 1000;
  const share = usedMB / capacityMB;
  return {
    allocatedMB: outputs[OUTPUT.memoryMB]!,
    usedMB,
    capacityMB,
    reserveMB: design[SLOT.compute.reserveGB]! * 1000,
    share,
    tight: share > TIGHT,
  };
}

/** What the mark `!` at a memory means. */
export const TIGHT_NOTE = `!: above ${formatShare(TIGHT)} of the memory; a real run may not fit.`;

/** `85 GB`, or `85 GB, of which 2 stay in reserve`. */
export function capacityText({ capacityMB, reserveMB }: MemoryUse): string {
  const reserve = reserveMB === 0 ? '' : `, of which ${formatNumber(reserveMB / 1000)} stay in reserve`;
  return `${formatNumber(capacityMB / 1000)} GB${reserve}`;
}
