/** Number formats of products: rates of the narrow ones in a design, bytes of their operands. Some machines have none. */
import { CODE, SLOT } from '../../psa/parameters.js';
import { STATUS } from '../outputs.js';

const SLOT_PRECISION = SLOT.workload.precision;
const SLOT_ATTENTION_PRECISION = SLOT.workload.attentionPrecision;

/** Slots of the formats of eight and of four bits. */
export const EIGHT_BIT = {
  peak: SLOT.compute.eightBitPeakTflops,
  efficiency: SLOT.compute.eightBitGemmEfficiency,
  halfDepth: SLOT.compute.eightBitGemmHalfDepth,
  depthNs: SLOT.compute.eightBitGemmDepthNs,
  quantizationUs: SLOT.compute.eightBitQuantizationUs,
} as const;
const FOUR_BIT = {
  peak: SLOT.compute.fourBitPeakTflops,
  efficiency: SLOT.compute.fourBitGemmEfficiency,
  halfDepth: SLOT.compute.fourBitGemmHalfDepth,
  depthNs: SLOT.compute.fourBitGemmDepthNs,
  quantizationUs: SLOT.compute.fourBitQuantizationUs,
} as const;

export const PRECISION = CODE.workload.precision;

/**
 * Bytes of an operand's value with its share of the scales: one of 4 bytes for 128 values (arXiv 2412.19437, section 3.3), of
 * 1 byte for 32 (OCP MX 1.0) or for 16 (NVFP4). By code of the precision.
 */
export const OPERAND_BYTES: readonly number[] = [2, 1, 1, 1 + 4 / 128, 1 + 1 / 32, 1, 0.5 + 1 / 16];

/** How often a tensor is read to quantise it: once more where its own largest value is the scale of all. */
export const QUANTIZATION_READS: readonly number[] = [0, 2, 1, 1, 1, 1, 1];

/** Slots of the rates of a format. */
export const narrowSlots = (precision: number) => (precision === PRECISION.nvfp4 ? FOUR_BIT : EIGHT_BIT);

/** Are there rates of the formats that the design asks for? */
export function checkPrecision(s: { readonly design: Float64Array; status: number }): void {
  const precision = s.design[SLOT_PRECISION]!;
  const missing = precision !== PRECISION.bf16 && s.design[narrowSlots(precision).peak] === 0;
  const attends = s.design[SLOT_ATTENTION_PRECISION] !== 0;
  if (missing || (attends && s.design[EIGHT_BIT.peak] === 0)) s.status |= STATUS.PRECISION;
}
