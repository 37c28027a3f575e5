/** Which designs are known, by hashes of their digits or of their packed rows. */

import { temporaryWords } from './temporary.js';

/** FNV-1a over the words of the row that begins at `from`, then the finaliser of MurmurHash3: 32 bits. */
function hashRow(rows: Uint32Array, from: number, width: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < from + width; i++) hash = Math.imul(hash ^ rows[i]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** All before any is looked up: so the look-ups wait for memory side by side. */
function hashRows({ rows, size }: Rows, width: number, hashes: Uint32Array): void {
  for (let i = 0; i < size; i++) hashes[i] = hashRow(rows, i * width, width);
}

/** Bits per design that a filter is made for: about one new design in forty is taken for a known one. */
const BITS = 32;

/** Remembers designs by one bit each, in temporary memory: it never forgets one, but now and then takes a new one for known. */
export class DesignFilter {
  private readonly bits: Uint32Array;
  private readonly mask: number;

  /** @param expected designs that it will hold */
  constructor(expected: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(32, BITS * expected)));
    this.bits = temporaryWords(size / 32).fill(0);
    this.mask = size - 1;
  }

  /** Adds the design whose digits begin at `from`; was it new? */
  add(digits: Uint32Array, from: number, width: number): boolean {
    const place = (hashRow(digits, from, width) & this.mask) >>> 0;
    const bit = 1 << (place & 31);
    const before = this.bits[place >>> 5]!;
    this.bits[place >>> 5] = before | bit;
    return (before & bit) === 0;
  }
}

/** Designs: a packed row each. */
export interface Rows {
  readonly rows: Uint32Array;
  /** How many. */
  readonly size: number;
}

/** The place of the first of each design, in order, where the second rows follow the first; exact. */
export function distinctPlaces(first: Rows, second: Rows, width: number): Uint32Array {
  const count = first.size + second.size;
  const hashes = temporaryWords(count);
  hashRows(first, width, hashes);
  hashRows(second, width, hashes.subarray(first.size));
  const places = temporaryWords(count);
  return places.subarray(0, findDistinct(first, second, width, hashes, places));
}

/** Writes the places; returns their number. */
function findDistinct(first: Rows, second: Rows, width: number, hashes: Uint32Array, places: Uint32Array): number {
  const size = 2 ** Math.ceil(Math.log2(2 * hashes.length || 1));
  /** Place + 1 of a row at its hash or, where that is taken, behind it; 0 is free. */
  const table = temporaryWords(size).fill(0);
  let found = 0;
  for (let i = 0; i < hashes.length; i++) {
    const { rows } = i < first.size ? first : second;
    const row = i < first.size ? i : i - first.size;
    const hash = hashes[i]!;
    let at = hash & (size - 1);
    for (; table[at] !== 0; at = (at + 1) & (size - 1)) {
      const other = table[at]! - 1;
      if (hashes[other] !== hash) continue;
      const isFirst = other < first.size;
      if (sameRow((isFirst ? first : second).rows, isFirst ? other : other - first.size, rows, row, width)) break;
    }
    if (table[at] !== 0) continue;
    table[at] = i + 1;
    places[found++] = i;
  }
  return found;
}

/** Is a row the same as one of another array? */
export function sameRow(a: Uint32Array, rowA: number, b: Uint32Array, rowB: number, width: number): boolean {
  for (let g = 0; g < width; g++) if (a[rowA * width + g] !== b[rowB * width + g]) return false;
  return true;
}
