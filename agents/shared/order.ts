/** Order of many numbers: comparisons of objects would cost more than the search. */

import { temporaryNumbers, temporaryWords } from './temporary.js';

/** Fewer numbers are sorted by comparing them. */
const FEW = 1024;

/** Runs of values that are almost the same are sorted by insertion, where they are shorter. */
const SHORT = 256;

/** Where the digits of a word are, lowest first: 11 or 10 bits each. */
const SHIFTS = [0, 11, 22] as const;
const RADIX = 1 << 11;

/**
 * Places of the values, smallest first. No value is NaN.
 *
 * @param order the places to sort, all of them unless given; where values are equal, their order stays
 */
export function argsort(values: Float64Array, order: Uint32Array = places(values.length)): Uint32Array {
  if (order.length < FEW) return comparisonSort(values, order);
  const sorted = radixSort(order, highWords(values, order));
  sortRuns(values, sorted);
  return sorted.order;
}

/** Sorts places with the same value by other values, in place. */
export function sortTies(values: Float64Array, order: Uint32Array, others: Float64Array): Uint32Array {
  for (let from = 0, to = 1; from < order.length; from = to++) {
    const value = values[order[from]!]!;
    while (to < order.length && values[order[to]!] === value) to++;
    if (to - from === 1) continue;
    const ties = order.subarray(from, to);
    if (ties.length < SHORT) insertionSort(others, ties);
    else ties.set(argsort(others, ties));
  }
  return order;
}

/** 0 … count − 1 */
export function places(count: number): Uint32Array {
  const all = temporaryWords(count);
  for (let i = 0; i < count; i++) all[i] = i;
  return all;
}

function comparisonSort(values: Float64Array, order: Uint32Array): Uint32Array {
  return order.slice().sort((a, b) => values[a]! - values[b]!);
}

/** Sign, exponent and 20 bits of the value at each place, as words of the same order. */
function highWords(values: Float64Array, order: Uint32Array): Uint32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  const words = temporaryWords(order.length);
  for (let i = 0; i < words.length; i++) {
    const high = bits[2 * order[i]! + 1]!;
    // −0 is 0.
    if (values[order[i]!] === 0) words[i] = 0x80000000;
    else words[i] = high >>> 31 ? ~high : high | 0x80000000;
  }
  return words;
}

/** The other 32 bits, as words of the same order among values whose high words are the same. */
function lowWords(values: Float64Array, order: Uint32Array): Uint32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  return Uint32Array.from(order, (place) => (values[place]! < 0 ? ~bits[2 * place]! : bits[2 * place]!));
}

/** Sorts what has the same high word, in place: of most values nothing does, so that their low words need no passes. */
function sortRuns(values: Float64Array, { order, words }: Sorted): void {
  for (let from = 0, to = 1; from < order.length; from = to++) {
    const word = words[from]!;
    if (words[to] !== word) continue;
    let isSorted = true;
    for (; to < order.length && words[to] === word; to++) {
      if (values[order[to]!]! < values[order[to - 1]!]!) isSorted = false;
    }
    if (isSorted) continue;
    const run = order.subarray(from, to);
    if (run.length < SHORT) insertionSort(values, run);
    else run.set(radixSort(run, lowWords(values, run)).order);
  }
}

function insertionSort(values: Float64Array, order: Uint32Array): void {
  for (let i = 1; i < order.length; i++) {
    const place = order[i]!;
    let to = i;
    for (; to > 0 && values[order[to - 1]!]! > values[place]!; to--) order[to] = order[to - 1]!;
    order[to] = place;
  }
}

/** Places, and the word of each. */
interface Sorted {
  readonly order: Uint32Array;
  readonly words: Uint32Array;
}

/** Least significant digit first (Knuth, TAOCP 3, 5.2.5); digits that are the same in all words take no pass. */
function radixSort(order: Uint32Array, words: Uint32Array): Sorted {
  const counts = countDigits(words);
  let from: Sorted = { order: temporaryWords(order.length), words };
  let to: Sorted = { order: temporaryWords(order.length), words: temporaryWords(order.length) };
  from.order.set(order);
  SHIFTS.forEach((shift, k) => {
    if (counts[k]!.includes(order.length)) return;
    scatter(from, to, shift, startsOf(counts[k]!));
    [from, to] = [to, from];
  });
  return from;
}

/** How often each digit is at each place. */
function countDigits(words: Uint32Array): readonly Uint32Array[] {
  const [low, middle, high] = [new Uint32Array(RADIX), new Uint32Array(RADIX), new Uint32Array(RADIX)];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    low[word & (RADIX - 1)]!++;
    middle[(word >>> 11) & (RADIX - 1)]!++;
    high[word >>> 22]!++;
  }
  return [low, middle, high];
}

/** Counts become the places where each digit's words begin. */
function startsOf(counts: Uint32Array): Uint32Array {
  let sum = 0;
  for (let i = 0; i < RADIX; i++) {
    const here = counts[i]!;
    counts[i] = sum;
    sum += here;
  }
  return counts;
}

function scatter(from: Sorted, to: Sorted, shift: number, starts: Uint32Array): void {
  const { order, words } = from;
  const { order: orderTo, words: wordsTo } = to;
  for (let i = 0; i < order.length; i++) {
    const word = words[i]!;
    const place = starts[(word >>> shift) & (RADIX - 1)]!++;
    orderTo[place] = order[i]!;
    wordsTo[place] = word;
  }
}

/** Stable order by small whole numbers, `count` of them, of places in a given order. */
export function groupBy(groups: Uint32Array, count: number, order: Uint32Array): Uint32Array {
  const starts = new Uint32Array(count + 1);
  for (let i = 0; i < order.length; i++) starts[groups[order[i]!]! + 1]!++;
  for (let group = 0; group < count; group++) starts[group + 1]! += starts[group]!;
  const sorted = temporaryWords(order.length);
  for (let i = 0; i < order.length; i++) sorted[starts[groups[order[i]!]!]!++] = order[i]!;
  return sorted;
}

/** Places of the smallest values, at most `count`, in ascending order of places; of equal values the first. */
export function smallestPlaces(values: Float64Array, count: number): Uint32Array {
  if (count >= values.length) return places(values.length);
  const shuffled = temporaryNumbers(values.length);
  shuffled.set(values);
  const limit = smallest(shuffled, count);
  let ties = count;
  for (let i = 0; i < values.length; i++) if (values[i]! < limit) ties--;
  const chosen = temporaryWords(count);
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
