import { usableMB } from '../../kernels/memory/memory.js';
import { memoryByStage } from '../../kernels/memory/stages.js';
import { definitionOf, OUTPUT, partsOf } from '../../kernels/outputs.js';
import { SLOT } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { EvaluatedDesign } from '../designs/designs.js';
import { formatNumber, formatShare } from './format.js';

/** Beyond this share of the capacity an estimate of memory is no promise that the run fits. */
const TIGHT = 0.92;

export type MemoryVerdict = 'fits' | 'tight' | 'does not fit';

/** How much of its NPU's memory a design takes. */
export interface MemoryUse {
  /** Allocated, and with what the allocator reserves beyond it. */
  readonly allocatedMB: number;
  readonly usedMB: number;
  readonly capacityMB: number;
  /** What `compute.reserveGB` keeps free, or more where the program takes less (`compute.programShare`). */
  readonly reserveMB: number;
  /** Used of the capacity. */
  readonly share: number;
  /** Is it so close to the capacity that it is worth a word? */
  readonly tight: boolean;
  /** What is left of what may be filled; below 0 where it is too much. */
  readonly leftMB: number;
  readonly verdict: MemoryVerdict;
}

export function memoryUse({ design, outputs }: Pick<EvaluatedDesign, 'design' | 'outputs'>): MemoryUse {
  const usedMB = outputs[OUTPUT.reservedMB]!;
  const capacityMB = design[SLOT.compute.memoryCapacityGB]! * 1000;
  const share = usedMB / capacityMB;
  const fillableMB = usableMB(design);
  const leftMB = fillableMB - usedMB;
  const tight = share > TIGHT;
  const verdict = leftMB < 0 ? 'does not fit' : tight ? 'tight' : 'fits';
  return {
    allocatedMB: outputs[OUTPUT.memoryMB]!,
    usedMB,
    capacityMB,
    reserveMB: capacityMB - fillableMB,
    share,
    tight,
    leftMB,
    verdict,
  };
}

/** What the mark `!` at a memory means. */
export const TIGHT_NOTE = `!: above ${formatShare(TIGHT)} of the memory; a real run may not fit.`;

/** `85 GB`, or `85 GB, of which 2 stay in reserve`. */
export function capacityText({ capacityMB, reserveMB }: MemoryUse): string {
  const reserve = reserveMB === 0 ? '' : `, of which ${formatNumber(reserveMB / 1000)} stay in reserve`;
  return `${formatNumber(capacityMB / 1000)} GB${reserve}`;
}

const gb = (mb: number): string => `${formatNumber(mb / 1000)} GB`;

/** `first stage`, `last stage`, or nothing where there is one. */
export function stageName(stage: number, stages: number): string {
  if (stages === 1) return '';
  return stage === 0 ? 'first stage' : stage === stages - 1 ? 'last stage' : `stage ${stage + 1}`;
}

/** Where the memory is fullest, and what takes most of it there: `on the last stage, most of it loss (59.4 GB)`. */
function fullestText({ workload, tiers }: CompiledSpace, design: Float64Array): string {
  if ((workload.profile ?? 'default') !== 'default') return '';
  const all = memoryByStage(workload, tiers, design).flatMap(({ stages }) => stages);
  const { reservedMB } = OUTPUT;
  const fullest = all.reduce((most, one) => (one.outputs[reservedMB]! > most.outputs[reservedMB]! ? one : most));
  const part = partsOf('memoryMB').reduce((most, one) =>
    fullest.outputs[OUTPUT[one]]! > fullest.outputs[OUTPUT[most]]! ? one : most,
  );
  const stage = stageName(fullest.stage, design[SLOT.workload.pp]!);
  return `${stage === '' ? '' : ` on the ${stage}`}, most of it ${definitionOf(part).label} (${gb(fullest.outputs[OUTPUT[part]]!)})`;
}

/** `fits, with 12 GB to spare`; `does not fit: 9.1 GB too much on the last stage, most of it loss (59.4 GB)`. */
export function verdictText(space: CompiledSpace, evaluated: Pick<EvaluatedDesign, 'design' | 'outputs'>): string {
  const { verdict, leftMB } = memoryUse(evaluated);
  const where = fullestText(space, evaluated.design);
  if (verdict === 'does not fit') return `does not fit: ${gb(-leftMB)} too much${where}`;
  return `${verdict}, with ${gb(leftMB)} to spare${verdict === 'tight' ? where : ''}`;
}
