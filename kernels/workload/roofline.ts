/** Time of an operation that does not communicate. */
import { SLOT } from '../../psa/parameters.js';
import type { State } from '../state.js';
import { graphReal } from './graph.js';
import { GRAPH_REAL } from './header.js';
import { FLAG, KIND, KIND_COUNT } from './operation.js';

const SLOT_PEAK_TFLOPS = SLOT.compute.peakTflops;
const SLOT_ATTENTION_HALF_DIM = SLOT.compute.attentionHalfDim;
const SLOT_FUSED_ATTENTION_HALF_DIM = SLOT.compute.fusedAttentionHalfDim;
const SLOT_GEMM_EFFICIENCY = SLOT.compute.gemmEfficiency;
const SLOT_MEMORY_BANDWIDTH_GBPS = SLOT.compute.memoryBandwidthGBps;
const SLOT_MEMORY_EFFICIENCY = SLOT.compute.memoryEfficiency;
const SLOT_KERNEL_OVERHEAD_US = SLOT.compute.kernelOverheadUs;

/** Share of the peak that an operation reaches; small heads fill the matrix units badly. */
function arithmeticEfficiency(s: State, kind: number): number {
  if (kind === KIND.elementwise) return 1;
  const fused = (s.flags & FLAG.fusedAttention) !== 0;
  const half = s.design[fused ? SLOT_FUSED_ATTENTION_HALF_DIM : SLOT_ATTENTION_HALF_DIM]!;
  if (kind !== KIND.attention || half <= 0) return s.design[SLOT_GEMM_EFFICIENCY]!;
  const headDim = graphReal(s, GRAPH_REAL.HEAD_DIM);
  return headDim / (headDim + half);
}

/** Sets the rates of an NPU: time per MFLOP of each kind of operation, and per MB of memory traffic. */
export function readRates(s: State): void {
  for (let kind = 0; kind < KIND_COUNT; kind++) {
    s.usPerMflop[kind] = 1 / (s.design[SLOT_PEAK_TFLOPS]! * arithmeticEfficiency(s, kind));
  }
  s.usPerMB = 1000 / (s.design[SLOT_MEMORY_BANDWIDTH_GBPS]! * s.design[SLOT_MEMORY_EFFICIENCY]!);
}

/** Roofline: the longer of arithmetic and traffic, and the start of the kernel, us (Williams et al., CACM 52(4), 2009). */
export function rooflineUs(s: State, kind: number, mflop: number, trafficMB: number): number {
  return Math.max(mflop * s.usPerMflop[kind]!, trafficMB * s.usPerMB) + s.design[SLOT_KERNEL_OVERHEAD_US]!;
}
