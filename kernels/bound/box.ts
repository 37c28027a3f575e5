/**
 * A box: the designs whose digits lie in a range per gene. What of a design only changes durations and prices may vary within a
 * box that is bounded; what decides the plan and the layout of the axes (CHANGED.plan, CHANGED.layout) may not.
 */
import { SLOT } from '../../psa/parameters.js';
import type { CompiledSpace, Gene } from '../../psa/space.js';
import { CHANGED, changesOfSlot } from '../changes.js';

const SLOT_CHUNKS = SLOT.collective.chunks;

/** First and last digit of each gene. */
export interface Box {
  readonly first: Uint32Array;
  readonly last: Uint32Array;
}

/** The values that a box allows, by slot. */
export interface SlotRanges {
  readonly least: Float64Array;
  readonly most: Float64Array;
  /** Whole numbers below 32, as the codes of categories are, as bits. */
  readonly codes: Uint32Array;
  /** All numbers of chunks. */
  chunks: readonly number[];
}

/** The genes that decide the plan or the layout of a step: each has one value in a box that is bounded. */
export function structuralGenes({ genes }: CompiledSpace): number[] {
  const decides = (slot: number): boolean => (changesOfSlot(slot) & (CHANGED.plan | CHANGED.layout)) !== 0;
  return genes.flatMap(({ slots }, g) => (slots.some(decides) ? [g] : []));
}

const codeBit = (value: number): number => (Number.isInteger(value) && value >= 0 && value < 32 ? 1 << value : 0);

/** The ranges of a space's fixed values. */
export function createRanges({ fixed }: CompiledSpace): SlotRanges {
  return {
    least: fixed.slice(),
    most: fixed.slice(),
    codes: Uint32Array.from(fixed, codeBit),
    chunks: [fixed[SLOT_CHUNKS]!],
  };
}

function columnValues({ slots, table }: Gene, column: number, first: number, last: number): number[] {
  const values = new Set<number>();
  for (let row = first; row <= last; row++) values.add(table[row * slots.length + column]!);
  return [...values];
}

/** Sets the ranges to those of a box. */
export function readRanges({ genes }: CompiledSpace, { first, last }: Box, ranges: SlotRanges): void {
  const { least, most, codes } = ranges;
  for (let g = 0; g < genes.length; g++) {
    const gene = genes[g]!;
    const { slots, table } = gene;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!;
      least[slot] = Number.POSITIVE_INFINITY;
      most[slot] = Number.NEGATIVE_INFINITY;
      codes[slot] = 0;
      for (let row = first[g]!; row <= last[g]!; row++) {
        const value = table[row * slots.length + i]!;
        if (value < least[slot]!) least[slot] = value;
        if (value > most[slot]!) most[slot] = value;
        codes[slot]! |= codeBit(value);
      }
      if (slot === SLOT_CHUNKS) ranges.chunks = columnValues(gene, i, first[g]!, last[g]!);
    }
  }
}

/** What a slot may be in a box: its least and its most. */
export type SlotEnds = (slot: number) => readonly [least: number, most: number];

/** Reads the ends of single slots of boxes: of the few that facts have. */
export function createSlotEnds({ genes, fixed }: CompiledSpace): (box: Box) => SlotEnds {
  return ({ first, last }) =>
    (slot) => {
      const g = genes.findIndex(({ slots }) => slots.includes(slot));
      if (g < 0) return [fixed[slot]!, fixed[slot]!];
      const gene = genes[g]!;
      const values = columnValues(gene, gene.slots.indexOf(slot), first[g]!, last[g]!);
      return [Math.min(...values), Math.max(...values)];
    };
}

/** Designs of a box. */
export function boxCount({ first, last }: Box): bigint {
  return first.reduce((count, low, g) => count * BigInt(last[g]! - low + 1), 1n);
}

/** Is it one design? */
export function isSingle({ first, last }: Box): boolean {
  return first.every((low, g) => low === last[g]);
}

/** All designs of a space. */
export function wholeBox({ genes }: CompiledSpace): Box {
  return { first: new Uint32Array(genes.length), last: Uint32Array.from(genes, ({ size }) => size - 1) };
}
