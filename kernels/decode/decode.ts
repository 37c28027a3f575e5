import { SLOT_COUNT } from '../../psa/parameters.js';
import { threefry2x32 } from '../random/threefry.js';
import { GENE_STRIDE, type PackedGenes } from './genes.js';

/** How an index becomes digits. */
export const DECODE_MODE = { ordinals: 0, samples: 1, digits: 2 } as const;

/**
 * A run of designs, addressed by an index of 32 bits; twin of the fields of `Request` in WGSL.
 * ordinals: `digits` are those of ordinal 0 of the run. digits: one row per design. samples: `digits` is not used.
 */
export interface Source {
  readonly mode: (typeof DECODE_MODE)[keyof typeof DECODE_MODE];
  readonly digits: Uint32Array;
  readonly seed: number;
  /** The 64-bit number of the first sample. */
  readonly startLow: number;
  readonly startHigh: number;
}

const words = new Uint32Array(2);

/**
 * Writes the digits of design `index` of the source.
 *
 * ordinals: index is added to the start in mixed radix, last gene first, so that no ordinal needs more than 32 bits at a time.
 * samples: sample i has word g mod 2 of the block with counter i and key (seed, g div 2) for gene g, modulo the gene's
 * size; the bias is below size / 2^32.
 *
 * @param genes of a sample, so many genes alone
 */
export function decodeDigits(
  packed: PackedGenes,
  source: Source,
  index: number,
  digits: Uint32Array,
  genes = packed.count,
): void {
  if (source.mode === DECODE_MODE.ordinals) decodeOrdinal(packed, source, index, digits);
  else if (source.mode === DECODE_MODE.samples) decodeSample(packed, source, index, digits, genes);
  else digits.set(source.digits.subarray(index * packed.count, (index + 1) * packed.count));
}

function decodeOrdinal(packed: PackedGenes, source: Source, index: number, digits: Uint32Array): void {
  let carry = index;
  for (let gene = packed.count - 1; gene >= 0; gene--) {
    const size = packed.genes[gene * GENE_STRIDE]!;
    const sum = source.digits[gene]! + carry;
    carry = Math.floor(sum / size);
    digits[gene] = sum - carry * size;
  }
}

function decodeSample(packed: PackedGenes, source: Source, index: number, digits: Uint32Array, genes: number): void {
  const sum = source.startLow + index;
  const high = source.startHigh + Math.floor(sum / 2 ** 32);
  for (let gene = 0; gene < genes; gene++) {
    if (gene % 2 === 0) threefry2x32(source.seed, gene >>> 1, sum >>> 0, high, words);
    digits[gene] = words[gene % 2]! % packed.genes[gene * GENE_STRIDE]!;
  }
}

/** Writes what all designs of a space have. */
export function decodeFixed(packed: PackedGenes, design: Float64Array): void {
  for (let slot = 0; slot < SLOT_COUNT; slot++) design[slot] = packed.values[slot]!;
}

/** Writes each gene's tuple into a design that has the fixed values. */
export function decodeGenes(packed: PackedGenes, digits: Uint32Array, design: Float64Array): void {
  for (let gene = 0; gene < packed.count; gene++) setGene(packed, gene, digits[gene]!, design);
}

/** Writes the design that the digits stand for: the fixed values, then each gene's tuple. */
export function decodeDesign(packed: PackedGenes, digits: Uint32Array, design: Float64Array): void {
  decodeFixed(packed, design);
  decodeGenes(packed, digits, design);
}

/** Writes the tuple of one gene into the design. */
function setGene(packed: PackedGenes, gene: number, digit: number, design: Float64Array): void {
  const head = gene * GENE_STRIDE;
  const slotCount = packed.genes[head + 1]!;
  const slots = packed.genes[head + 2]!;
  const row = packed.genes[head + 3]! + digit * slotCount;
  for (let i = 0; i < slotCount; i++) design[packed.genes[slots + i]!] = packed.values[row + i]!;
}

/**
 * Turns the design `index` − 1 of a source of ordinals into the design `index`, by the few genes in which they differ.
 *
 * @returns what has changed, as bits of CHANGED
 */
export function decodeNext(packed: PackedGenes, source: Source, index: number, design: Float64Array): number {
  let carry = index;
  let changed = 0;
  for (let gene = packed.count - 1; gene >= 0; gene--) {
    const head = gene * GENE_STRIDE;
    const size = packed.genes[head]!;
    const sum = source.digits[gene]! + carry;
    carry = Math.floor(sum / size);
    const digit = sum - carry * size;
    setGene(packed, gene, digit, design);
    changed |= packed.genes[head + 4]!;
    // A digit that has not returned to 0 carries nothing over.
    if (digit !== 0) break;
  }
  return changed;
}
