/** Time of an operation that does not communicate. */
import { slotOf } from '../../psa/parameters.js';
import type { State } from '../state.js';
import { KIND } from './operation.js';

const SLOT_PEAK_TFLOPS = slotOf('compute.peakTflops');
const SLOT_GEMM_EFFICIENCY = slotOf('compute.gemmEfficiency');
const SLOT_MEMORY_BANDWIDTH_GBPS = slotOf('compute.memoryBandwidthGBps');
const SLOT_MEMORY_EFFICIENCY = slotOf('compute.memoryEfficiency');
const SLOT_KERNEL_OVERHEAD_US = slotOf('compute.kernelOverheadUs');

/** Roofline: the longer of arithmetic and traffic, and the start of the kernel, us (Williams et al., CACM 52(4), 2009). */
export function rooflineUs(s: State, kind: number, mflop: number, trafficMB: number): number {
  const efficiency = kind === KIND.gemm ? s.design[SLOT_GEMM_EFFICIENCY]! : 1;
  const arithmeticUs = mflop / (s.design[SLOT_PEAK_TFLOPS]! * efficiency);
  const trafficUs = (trafficMB * 1000) / (s.design[SLOT_MEMORY_BANDWIDTH_GBPS]! * s.design[SLOT_MEMORY_EFFICIENCY]!);
  return Math.max(arithmeticUs, trafficUs) + s.design[SLOT_KERNEL_OVERHEAD_US]!;
}
