import { OUTPUT, STATUS } from '../outputs.js';
import { SMALLEST_NORMAL } from '../reduce/layout.js';
import type { Limit } from './limits.js';

/** Infeasible designs rank behind all feasible ones: no objective comes near. In WGSL 1e36, for f32. */
export const INFEASIBLE = 1e300;

/** From 0 … ∞ to 0 … 1: a distance orders designs with equally many reasons, and never outweighs a reason. */
function squash(distance: number): number {
  return distance > 0 ? 1 - 1 / (1 + distance) : 0;
}

/** By which share of its bound a design breaks a limit; 0 where it keeps it. `row` is where its outputs begin. */
export function excess(limit: Limit, outputs: ArrayLike<number>, row: number): number {
  const value = outputs[row + limit.output]! * limit.factor;
  const over = limit.sense === '<=' ? value - limit.bound : limit.bound - value;
  return over <= 0 ? 0 : over / Math.max(Math.abs(limit.bound), Number.MIN_VALUE);
}

/** Limits as the GPU reads them, four numbers each: output, factor, 1 for an upper or −1 for a lower bound, bound. */
export function packLimits(limits: readonly Limit[]): number[] {
  return limits.flatMap(({ output, factor, sense, bound }) => [output, factor, sense === '<=' ? 1 : -1, bound]);
}

/** The limits that a design breaks, one bit each in their order. */
export function brokenLimits(limits: readonly Limit[], outputs: ArrayLike<number>, row: number): number {
  let broken = 0;
  for (let k = 0; k < limits.length; k++) {
    if (excess(limits[k]!, outputs, row) > 0) broken |= 1 << k;
  }
  return broken;
}

/**
 * How far a design is from feasible: 0 where it is, else one for each reason and limit, and more the further it is from one
 * that has a distance.
 *
 * @param reasons the bits of its status that count
 * @param usableMB memory that a design may fill
 */
export function violation(
  reasons: number,
  usableMB: number,
  limits: readonly Limit[],
  outputs: ArrayLike<number>,
  row: number,
): number {
  let sum = bitCount(reasons);
  if (reasons & STATUS.MEMORY)
    sum += squash(outputs[row + OUTPUT.reservedMB]! / Math.max(usableMB, SMALLEST_NORMAL) - 1);
  for (const limit of limits) {
    const share = excess(limit, outputs, row);
    if (share > 0) sum += 1 + squash(share);
  }
  return sum;
}

/**
 * Objective and violation as one number that orders designs by Deb's rules ("An efficient constraint handling method for
 * genetic algorithms", CMAME 186, 2000): feasible before infeasible, then the smaller violation, then the smaller objective.
 */
export function fitness(objective: number, violation: number): number {
  return violation === 0 ? objective : INFEASIBLE * (1 + violation);
}

function bitCount(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}
