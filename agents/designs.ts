/** Which designs are known, by hashes of their digits. */

/** FNV-1a over the digits of the row that begins at `from`, then the finaliser of MurmurHash3: 32 bits. */
function hashRow(digits: Uint32Array, from: number, width: number): number {
  let hash = 0x811c9dc5;
  for (let g = from; g < from + width; g++) hash = Math.imul(hash ^ digits[g]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Bits per design that a filter is made for: about one new design in forty is taken for a known one. */
const BITS = 32;

/** Remembers designs by one bit each: it never forgets one, but now and then takes a new one for known. */
export class DesignFilter {
  private readonly bits: Uint32Array;
  private readonly mask: number;

  /** @param expected designs that it will hold */
  constructor(expected: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(32, BITS * expected)));
    this.bits = new Uint32Array(size / 32);
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

/** The place of the first of each design among rows of digits, in order; exact. */
export function distinctPlaces(digits: Uint32Array, width: number, count = digits.length / width): Uint32Array {
  const size = 2 ** Math.ceil(Math.log2(2 * count + 1));
  /** Place + 1 of a row at its hash or, where that is taken, behind it; 0 is free. */
  const table = new Uint32Array(size);
  const places = new Uint32Array(count);
  let found = 0;
  for (let i = 0; i < count; i++) {
    let at = hashRow(digits, i * width, width) & (size - 1);
    while (table[at] !== 0 && !sameRow(digits, table[at]! - 1, digits, i, width)) at = (at + 1) & (size - 1);
    if (table[at] !== 0) continue;
    table[at] = i + 1;
    places[found++] = i;
  }
  return places.subarray(0, found);
}

/** Is a row of digits the same as one of another array? */
export function sameRow(a: Uint32Array, rowA: number, b: Uint32Array, rowB: number, width: number): boolean {
  for (let g = 0; g < width; g++) if (a[rowA * width + g] !== b[rowB * width + g]) return false;
  return true;
}
