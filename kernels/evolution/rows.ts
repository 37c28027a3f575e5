/** Populations as the GPU keeps them: the digits of a design in a few words, packed and unpacked here. */
import type { Parents } from './breeding.js';

/** Where a gene's digit lies in a row: `bits` bits of a word, from bit `shift` on. */
export interface Field {
  readonly word: number;
  readonly shift: number;
  readonly bits: number;
}

/** A row holds the digits of a design in `words` u32s, at least one; no digit lies across two of them. */
export interface RowLayout {
  readonly words: number;
  readonly fields: readonly Field[];
}

const WORD_BITS = 32;

/**
 * Gives each gene a field, one after another.
 *
 * @param sizes number of values of each gene, 1 … 2^32 − 1
 * @example
 * rowLayout([6, 2]).fields; // [{ word: 0, shift: 0, bits: 3 }, { word: 0, shift: 3, bits: 1 }]
 */
export function rowLayout(sizes: ArrayLike<number>): RowLayout {
  let [word, used] = [0, 0];
  const fields = Array.from(sizes, (size): Field => {
    const bits = WORD_BITS - Math.clz32(size - 1);
    if (used + bits > WORD_BITS) [word, used] = [word + 1, 0];
    // So that a field without bits does not begin behind its word.
    const shift = bits === 0 ? 0 : used;
    used += bits;
    return { word, shift, bits };
  });
  return { words: word + 1, fields };
}

/** The digits of the row that begins at `at`. */
export function unpackRow({ fields }: RowLayout, words: Uint32Array, at: number): Uint32Array {
  return Uint32Array.from(fields, ({ word, shift, bits }) => (words[at + word]! >>> shift) & (2 ** bits - 1));
}

/** Words of a population of so many designs. */
export function populationWords({ words }: RowLayout, slots: number): number {
  return slots * (1 + words);
}

/**
 * A population in columns: the bits of all fitnesses, then the first word of all rows, then the second, … So threads side by
 * side touch words side by side, and a tournament reads nothing but fitnesses.
 *
 * @param largest fitness that f32 holds; what is larger becomes this
 */
export function packRows(layout: RowLayout, { digits, fitness }: Parents, largest: number): Uint32Array<ArrayBuffer> {
  const slots = fitness.length;
  const width = layout.fields.length;
  const words = new Uint32Array(populationWords(layout, slots));
  const reals = new Float32Array(words.buffer);
  for (let slot = 0; slot < slots; slot++) reals[slot] = Math.min(fitness[slot]!, largest);
  layout.fields.forEach(({ word, shift }, g) => {
    const column = slots * (1 + word);
    for (let slot = 0; slot < slots; slot++) words[column + slot]! |= digits[slot * width + g]! << shift;
  });
  return words;
}

/** The population that {@link packRows} packed. */
export function unpackRows(layout: RowLayout, buffer: ArrayBuffer): Parents {
  const words = new Uint32Array(buffer);
  const slots = words.length / populationWords(layout, 1);
  const width = layout.fields.length;
  const digits = new Uint32Array(slots * width);
  layout.fields.forEach(({ word, shift, bits }, g) => {
    const column = slots * (1 + word);
    const mask = 2 ** bits - 1;
    for (let slot = 0; slot < slots; slot++) digits[slot * width + g] = (words[column + slot]! >>> shift) & mask;
  });
  return { digits, fitness: Float64Array.from(new Float32Array(buffer, 0, slots)) };
}
