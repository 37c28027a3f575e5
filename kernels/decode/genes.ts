import { SLOT_COUNT } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import { changesOfSlot } from '../changes.js';

/**
 * u32s of one gene in {@link PackedGenes.genes}: size, slots in a tuple, where its slot numbers begin, where its table begins,
 * and what changes with its slots (bits of CHANGED).
 */
export const GENE_STRIDE = 5;

/**
 * The genes of a space as the kernels read them.
 * `genes`: {@link GENE_STRIDE} numbers per gene, then all slot numbers. Places of slot numbers index `genes` itself.
 * `values`: the fixed design ({@link SLOT_COUNT} numbers), then the tables of all genes. Places of tables index `values`.
 */
export interface PackedGenes {
  readonly count: number;
  readonly genes: Uint32Array;
  readonly values: Float64Array;
}

/** Lays out the genes of a space. */
export function packGenes(space: CompiledSpace): PackedGenes {
  const heads: number[] = [];
  const slots: number[] = [];
  let tableAt = SLOT_COUNT;
  for (const gene of space.genes) {
    const changes = gene.slots.reduce((bits, slot) => bits | changesOfSlot(slot), 0);
    heads.push(gene.size, gene.slots.length, space.genes.length * GENE_STRIDE + slots.length, tableAt, changes);
    slots.push(...gene.slots);
    tableAt += gene.table.length;
  }
  const values = new Float64Array(tableAt);
  values.set(space.fixed);
  space.genes.forEach((gene, i) => {
    values.set(gene.table, heads[i * GENE_STRIDE + 3]!);
  });
  return { count: space.genes.length, genes: Uint32Array.from([...heads, ...slots]), values };
}

/** What a gene sets. */
export function slotsOf({ genes }: PackedGenes, gene: number): readonly number[] {
  const [, count, first] = genes.subarray(gene * GENE_STRIDE);
  return [...genes.subarray(first!, first! + count!)];
}

/** A gene's values of the `column`-th slot that it sets, in f32, by digit. */
export function columnOf({ genes, values }: PackedGenes, gene: number, column: number): number[] {
  const [size, slots, , table] = genes.subarray(gene * GENE_STRIDE);
  const found = new Array<number>(size!);
  for (let digit = 0; digit < size!; digit++) found[digit] = Math.fround(values[table! + digit * slots! + column]!);
  return found;
}

/** Has any design of the space such a value in a slot, as the kernels read it? */
export function anyHas({ genes, fixed }: CompiledSpace, slot: number, is: (value: number) => boolean): boolean {
  const gene = genes.find(({ slots }) => slots.includes(slot));
  if (gene === undefined) return is(fixed[slot]!);
  const { table, slots } = gene;
  for (let place = slots.indexOf(slot); place < table.length; place += slots.length) {
    if (is(Math.fround(table[place]!))) return true;
  }
  return false;
}
