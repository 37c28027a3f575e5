/** How fast an NPU computes and reads: of each RATE, in the design's number formats. */
import { SLOT, SLOT_COUNT } from '../../psa/parameters.js';
import { FLAG, RATE, RATE_COUNT } from './operation.js';
import { EIGHT_BIT, narrowSlots, OPERAND_BYTES, PRECISION, QUANTIZATION_READS } from './precision.js';

const SLOT_PRECISION = SLOT.workload.precision;
const SLOT_ATTENTION_PRECISION = SLOT.workload.attentionPrecision;
const SLOT_PEAK_TFLOPS = SLOT.compute.peakTflops;
const SLOT_ATTENTION_HALF_DIM = SLOT.compute.attentionHalfDim;
const SLOT_FUSED_ATTENTION_HALF_DIM = SLOT.compute.fusedAttentionHalfDim;
const SLOT_EIGHT_BIT_ATTENTION_HALF_DIM = SLOT.compute.eightBitAttentionHalfDim;
const SLOT_SYNCHRONOUS_RATE = SLOT.compute.synchronousRate;
const SLOT_SYNCHRONOUS_ATTENTION = SLOT.compute.synchronousAttention;
const SLOT_ATTENTION_HALF_DEPTH = SLOT.compute.attentionHalfDepth;
const SLOT_ATTENTION_DEPTH_NS = SLOT.compute.attentionDepthNs;
const SLOT_ATTENTION_BACKWARD_EFFICIENCY = SLOT.compute.attentionBackwardEfficiency;
const SLOT_GEMM_EFFICIENCY = SLOT.compute.gemmEfficiency;
const SLOT_GEMM_HALF_DEPTH = SLOT.compute.gemmHalfDepth;
const SLOT_GEMM_DEPTH_NS = SLOT.compute.gemmDepthNs;
const SLOT_MEMORY_BANDWIDTH_GBPS = SLOT.compute.memoryBandwidthGBps;
const SLOT_MEMORY_EFFICIENCY = SLOT.compute.memoryEfficiency;
const SLOT_ELEMENTWISE_SHARE = SLOT.compute.elementwiseShare;
const SLOT_CACHE_EFFICIENCY = SLOT.compute.cacheEfficiency;
const SLOT_QUANTIZATION_EFFICIENCY = SLOT.compute.quantizationEfficiency;
const SLOT_GEMM_MEMORY_EFFICIENCY = SLOT.compute.gemmMemoryEfficiency;
const SLOT_KERNEL_OVERHEAD_US = SLOT.compute.kernelOverheadUs;
const SLOT_ATTENTION_OVERHEAD_US = SLOT.compute.attentionOverheadUs;
const SLOT_EXPERT_PADDING = SLOT.compute.expertPadding;
const SLOT_EXPERT_EFFICIENCY = SLOT.compute.expertEfficiency;
const SLOT_SUSTAINED_CLOCK = SLOT.compute.sustainedClock;

/** Products of the backward pass of fused attention to those of its forward pass (arXiv 2307.08691, section 3.1.2). */
export const BACKWARD_PRODUCTS = 2.5;

/** What {@link readRates} reads of a design, and sets. */
export interface Rates {
  /** The design, a value per slot; FLAG, as bits; the mean of the sizes of a head's keys and values. */
  design: Float64Array;
  flags: number;
  headDim: number;
  /** Of each RATE: time of a MFLOP, us. */
  readonly usPerMflop: Float64Array;
  /** Time of a MB of memory traffic, us. */
  usPerMB: number;
  /** Do times depend on the shapes of products, or on number formats? What follows is of use there alone. */
  shaped: boolean;
  /**
   * Of each RATE: an inner size, us for each of its elements, us to start, us per MB, and bytes of an operand relative to half
   * precision.
   */
  readonly halfDepth: Float64Array;
  readonly depthUs: Float64Array;
  readonly overheadUs: Float64Array;
  readonly rateUsPerMB: Float64Array;
  readonly operandShare: Float64Array;
  /** What it takes to quantise an operand: us, and us per MB that it has in half precision. */
  quantizationUs: number;
  quantizationUsPerMB: number;
}

/** Rates of no design yet. */
export function createRates(): Rates {
  const perRate = () => new Float64Array(RATE_COUNT);
  return {
    design: new Float64Array(SLOT_COUNT),
    flags: 0,
    headDim: 0,
    usPerMflop: perRate(),
    usPerMB: 0,
    shaped: false,
    halfDepth: perRate(),
    depthUs: perRate(),
    overheadUs: perRate(),
    rateUsPerMB: perRate(),
    operandShare: perRate(),
    quantizationUs: 0,
    quantizationUsPerMB: 0,
  };
}

/**
 * Of the memory's bandwidth, what kernels for one operation each reach, whatever others do, among them the same in number:
 * calibrated on pairs of steps of Aleph Alpha's sheets and of torchtitan that differ in nothing else.
 */
export const UNFUSED_EFFICIENCY = 0.65;

/** Share of the memory bandwidth that element-wise kernels reach: what the machine's do, times what a framework's do of that. */
export function elementwiseEfficiency({ design }: Pick<Rates, 'design'>): number {
  return design[SLOT_MEMORY_EFFICIENCY]! * design[SLOT_ELEMENTWISE_SHARE]!;
}

/** Share of the peak that attention reaches; small heads fill the matrix units badly. */
function attentionEfficiency(s: Rates): number {
  const fused = (s.flags & FLAG.fusedAttention) !== 0;
  const synchronous = s.design[SLOT_SYNCHRONOUS_ATTENTION]!;
  if (fused && synchronous > 0) return synchronous * s.design[SLOT_SYNCHRONOUS_RATE]!;
  const half = s.design[fused ? SLOT_FUSED_ATTENTION_HALF_DIM : SLOT_ATTENTION_HALF_DIM]!;
  if (half <= 0) return s.design[SLOT_GEMM_EFFICIENCY]!;
  return s.headDim / (s.headDim + half);
}

/** Time of a MB at an efficiency of its own, if there is one. */
function memoryUsPerMB(s: Rates, slot: number): number {
  const efficiency = s.design[slot]!;
  return efficiency > 0 ? 1000 / (s.design[SLOT_MEMORY_BANDWIDTH_GBPS]! * efficiency) : s.usPerMB;
}

/** Rates of the products of layers, and what it takes to quantise for them; without peak those of half precision. */
function readNarrow(s: Rates, precision: number): void {
  const slots = narrowSlots(precision);
  const peak = s.design[slots.peak]! * s.design[SLOT_SUSTAINED_CLOCK]!;
  s.operandShare[RATE.linear] = OPERAND_BYTES[precision]! / 2;
  s.quantizationUs = s.design[slots.quantizationUs]!;
  const usPerMB = memoryUsPerMB(s, SLOT_QUANTIZATION_EFFICIENCY);
  s.quantizationUsPerMB = (QUANTIZATION_READS[precision]! + OPERAND_BYTES[precision]! / 2) * usPerMB;
  if (peak === 0) return;
  s.usPerMflop[RATE.linear] = 1 / (peak * s.design[slots.efficiency]!);
  s.halfDepth[RATE.linear] = s.design[slots.halfDepth]!;
  s.depthUs[RATE.linear] = 1e-3 * s.design[slots.depthNs]!;
}

/** Rates of fused attention in eight bits; what a tile takes besides its products takes as long as in half precision. */
function readNarrowAttention(s: Rates): void {
  const peak = s.design[EIGHT_BIT.peak]! * s.design[SLOT_SUSTAINED_CLOCK]!;
  if (peak === 0) return;
  const half = s.design[SLOT_EIGHT_BIT_ATTENTION_HALF_DIM]!;
  const usPerMflop = 1 / (peak * (half > 0 ? s.headDim / (s.headDim + half) : attentionEfficiency(s)));
  s.halfDepth[RATE.attention]! *= s.usPerMflop[RATE.attention]! / usPerMflop;
  s.usPerMflop[RATE.attention] = usPerMflop;
  s.operandShare[RATE.attention] = OPERAND_BYTES[PRECISION.fp8]! / 2;
}

/** What depends on the shapes of products. */
function readShapes(s: Rates): void {
  const fused = (s.flags & FLAG.fusedAttention) !== 0;
  s.halfDepth.fill(0);
  s.depthUs.fill(0);
  s.overheadUs.fill(s.design[SLOT_KERNEL_OVERHEAD_US]!);
  s.overheadUs[RATE.cache]! += s.design[SLOT_ATTENTION_OVERHEAD_US]!;
  s.operandShare.fill(1);
  s.rateUsPerMB.fill(s.usPerMB);
  s.quantizationUs = 0;
  s.quantizationUsPerMB = 0;
  for (const rate of [RATE.gemm, RATE.linear]) {
    s.rateUsPerMB[rate] = memoryUsPerMB(s, SLOT_GEMM_MEMORY_EFFICIENCY);
    s.halfDepth[rate] = s.design[SLOT_GEMM_HALF_DEPTH]!;
    s.depthUs[rate] = 1e-3 * s.design[SLOT_GEMM_DEPTH_NS]!;
  }
  if (fused) {
    s.halfDepth[RATE.attention] = s.design[SLOT_ATTENTION_HALF_DEPTH]!;
    s.depthUs[RATE.attention] = 1e-3 * s.design[SLOT_ATTENTION_DEPTH_NS]!;
    s.overheadUs[RATE.attention]! += s.design[SLOT_ATTENTION_OVERHEAD_US]!;
  }
  s.rateUsPerMB[RATE.cache] = memoryUsPerMB(s, SLOT_CACHE_EFFICIENCY);
  if (s.design[SLOT_PRECISION] !== PRECISION.bf16) readNarrow(s, s.design[SLOT_PRECISION]!);
  if (fused && s.design[SLOT_ATTENTION_PRECISION] !== 0) readNarrowAttention(s);
}

/** Has the design shapes or formats that times depend on? */
function isShaped({ design }: Rates): boolean {
  return (
    design[SLOT_GEMM_HALF_DEPTH]! > 0 ||
    design[SLOT_GEMM_DEPTH_NS]! > 0 ||
    design[SLOT_ATTENTION_HALF_DEPTH]! > 0 ||
    design[SLOT_ATTENTION_DEPTH_NS]! > 0 ||
    design[SLOT_ATTENTION_OVERHEAD_US]! > 0 ||
    design[SLOT_EXPERT_PADDING]! > 0 ||
    design[SLOT_CACHE_EFFICIENCY]! > 0 ||
    design[SLOT_GEMM_MEMORY_EFFICIENCY]! > 0 ||
    design[SLOT_PRECISION]! > 0 ||
    design[SLOT_ATTENTION_PRECISION]! > 0
  );
}

/** Sets the rates of an NPU: time per MFLOP of each kind of operation, per MB of memory traffic, and what depends on shapes. */
export function readRates(s: Rates): void {
  const peak = s.design[SLOT_PEAK_TFLOPS]! * s.design[SLOT_SUSTAINED_CLOCK]!;
  const gemm = 1 / (peak * s.design[SLOT_GEMM_EFFICIENCY]!);
  const attention = 1 / (peak * attentionEfficiency(s));
  for (let rate = 0; rate < RATE_COUNT; rate++) s.usPerMflop[rate] = attention;
  s.usPerMflop[RATE.elementwise] = 1 / peak;
  s.usPerMflop[RATE.gemm] = gemm;
  s.usPerMflop[RATE.linear] = gemm;
  s.usPerMB = 1000 / (s.design[SLOT_MEMORY_BANDWIDTH_GBPS]! * elementwiseEfficiency(s));
  s.shaped = isShaped(s);
  if (s.shaped) readShapes(s);
  const backward = s.design[SLOT_ATTENTION_BACKWARD_EFFICIENCY]!;
  s.usPerMflop[RATE.attentionBackward] = s.usPerMflop[RATE.attention]! / backward;
  s.usPerMflop[RATE.experts] = s.usPerMflop[RATE.linear]! / s.design[SLOT_EXPERT_EFFICIENCY]!;
  if (!s.shaped) return;
  s.halfDepth[RATE.attentionBackward] = BACKWARD_PRODUCTS * s.halfDepth[RATE.attention]!;
  for (const values of [s.depthUs, s.overheadUs, s.operandShare]) {
    values[RATE.attentionBackward] = values[RATE.attention]!;
  }
  for (const values of [s.halfDepth, s.depthUs, s.overheadUs, s.rateUsPerMB, s.operandShare]) {
    values[RATE.experts] = values[RATE.linear]!;
  }
}
