/** Time of an operation that does not communicate. */
import { SLOT } from '../../psa/parameters.js';
import { RATE } from './operation.js';
import type { Rates } from './rates.js';

const SLOT_KERNEL_OVERHEAD_US = SLOT.compute.kernelOverheadUs;
const SLOT_EXPERT_PADDING = SLOT.compute.expertPadding;

/** Roofline: the longer of arithmetic and traffic, and the start of the kernel, us (Williams et al., CACM 52(4), 2009). */
export function rooflineUs(s: Rates, rate: number, mflop: number, trafficMB: number): number {
  return Math.max(mflop * s.usPerMflop[rate]!, trafficMB * s.usPerMB) + s.design[SLOT_KERNEL_OVERHEAD_US]!;
}

/**
 * Arithmetic of a product whose result is so large, us. Its FLOPs are one for each byte of the result, in half precision, and
 * element of the inner size k, so k = mflop / resultMB. What a tile of the result takes besides is a number of elements of k;
 * and few tiles leave NPUs waiting for k steps one behind the other. `fillMflop`: what fills up tiles, which are no deeper for it.
 */
export function arithmeticUs(s: Rates, rate: number, mflop: number, fillMflop: number, resultMB: number): number {
  const depth = resultMB > 0 ? mflop / resultMB : 0;
  return (mflop + fillMflop + s.halfDepth[rate]! * resultMB) * s.usPerMflop[rate]! + s.depthUs[rate]! * depth;
}

/** What fills up the tiles of the experts' products, MFLOP; `weightMB`: of their weights in half precision. */
export function fillMflop(s: Rates, rate: number, weightMB: number): number {
  return rate === RATE.experts ? s.design[SLOT_EXPERT_PADDING]! * weightMB : 0;
}

/** Memory traffic of a product, us; sizes in half precision. */
export function trafficUs(s: Rates, rate: number, operandMB: number, resultMB: number): number {
  return (operandMB * s.operandShare[rate]! + resultMB) * s.rateUsPerMB[rate]!;
}

/** Time of a product by its shape and number format, us: its roofline, behind what is quantised for it. */
export function productUs(
  s: Rates,
  rate: number,
  mflop: number,
  fillMflop: number,
  operandMB: number,
  resultMB: number,
  quantizedMB: number,
): number {
  const us = Math.max(arithmeticUs(s, rate, mflop, fillMflop, resultMB), trafficUs(s, rate, operandMB, resultMB));
  const quantizationUs = quantizedMB > 0 ? s.quantizationUs + quantizedMB * s.quantizationUsPerMB : 0;
  return us + quantizationUs + s.overheadUs[rate]!;
}
