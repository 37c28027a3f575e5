/** Order of many numbers: comparisons of objects would cost more than the search. */

/** Fewer numbers are sorted by comparing them. */
const FEW = 1024;

/** Digits of a sortable number, lowest first: which of its two words, and where in it; 11 or 10 bits each. */
const DIGITS = [
  { word: 0, shift: 0 },
  { word: 0, shift: 11 },
  { word: 0, shift: 22 },
  { word: 1, shift: 0 },
  { word: 1, shift: 11 },
  { word: 1, shift: 22 },
] as const;
const RADIX = 1 << 11;

/**
 * Places of the values, smallest first. No value is NaN.
 *
 * @param order the places to sort, all of them unless given; where values are equal, their order stays
 */
export function argsort(values: Float64Array, order: Uint32Array = places(values.length)): Uint32Array {
  return order.length < FEW ? comparisonSort(values, order) : radixSort(order, sortableBits(values));
}

/** 0 … count − 1 */
export function places(count: number): Uint32Array {
  const all = new Uint32Array(count);
  for (let i = 0; i < count; i++) all[i] = i;
  return all;
}

function comparisonSort(values: Float64Array, order: Uint32Array): Uint32Array {
  return order.slice().sort((a, b) => values[a]! - values[b]!);
}

/** Two words each, low and high, whose order as one whole number is that of the values. */
function sortableBits(values: Float64Array): Uint32Array {
  const copy = values.slice();
  // −0 becomes 0, which it equals.
  for (let i = 0; i < copy.length; i++) copy[i]! += 0;
  const words = new Uint32Array(copy.buffer);
  for (let i = 0; i < words.length; i += 2) {
    const high = words[i + 1]!;
    words[i] = high >>> 31 ? ~words[i]! : words[i]!;
    words[i + 1] = high >>> 31 ? ~high : high | 0x80000000;
  }
  return words;
}

/** Least significant digit first (Knuth, TAOCP 3, 5.2.5); digits that are the same in all values take no pass. */
function radixSort(order: Uint32Array, words: Uint32Array): Uint32Array {
  let from = order;
  let to: Uint32Array = new Uint32Array(order.length);
  const spare: Uint32Array = new Uint32Array(order.length);
  for (const { word, shift } of DIGITS) {
    const starts = startsOf(words, order, word, shift);
    if (starts === undefined) continue;
    for (let i = 0; i < from.length; i++) {
      const place = from[i]!;
      const digit = (words[2 * place + word]! >>> shift) & (RADIX - 1);
      to[starts[digit]!++] = place;
    }
    // The order that was given stays as it is.
    [from, to] = [to, from === order ? spare : from];
  }
  return from;
}

/** Where each digit's values begin; undefined where all have the same digit. */
function startsOf(words: Uint32Array, order: Uint32Array, word: number, shift: number): Uint32Array | undefined {
  const starts = new Uint32Array(RADIX);
  let digit = 0;
  for (let i = 0; i < order.length; i++) {
    digit = (words[2 * order[i]! + word]! >>> shift) & (RADIX - 1);
    starts[digit]!++;
  }
  if (starts[digit] === order.length) return undefined;
  let sum = 0;
  for (let i = 0; i < RADIX; i++) {
    const here = starts[i]!;
    starts[i] = sum;
    sum += here;
  }
  return starts;
}

/** Stable order by small whole numbers, `count` of them, of places in a given order. */
export function groupBy(groups: Uint32Array, count: number, order: Uint32Array): Uint32Array {
  const starts = new Uint32Array(count + 1);
  for (let i = 0; i < order.length; i++) starts[groups[order[i]!]! + 1]!++;
  for (let group = 0; group < count; group++) starts[group + 1]! += starts[group];
  const sorted = new Uint32Array(order.length);
  for (let i = 0; i < order.length; i++) sorted[starts[groups[order[i]!]!]!++] = order[i]!;
  return sorted;
}

/** Places of the smallest values, at most `count`, in ascending order of places; of equal values the first. */
export function smallestPlaces(values: Float64Array, count: number): Uint32Array {
  if (count >= values.length) return places(values.length);
  const limit = smallest(values.slice(), count);
  let ties = count;
  for (let i = 0; i < values.length; i++) if (values[i]! < limit) ties--;
  const chosen = new Uint32Array(count);
  let at = 0;
  for (let i = 0; at < count; i++) {
    const value = values[i]!;
    if (value < limit || (value === limit && ties-- > 0)) chosen[at++] = i;
  }
  return chosen;
}

/** The count-th smallest value, by Hoare's selection (CACM 4, 1961); reorders the values. */
function smallest(values: Float64Array, count: number): number {
  const wanted = count - 1;
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const value = values[i]!;
      values[i++] = values[j]!;
      values[j--] = value;
    }
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else break;
  }
  return values[wanted]!;
}
