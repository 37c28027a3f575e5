import type { AgentGene } from '../agent.js';
import type { RandomStream } from './stream.js';

/** What is near a value of a gene, and random steps there. */
export interface Neighbourhood {
  /** Values one step away; none where the gene has one value only. */
  of(digit: number): readonly number[];
}

/**
 * The neighbourhood of a gene's values. With an order: the value before and behind. Categories: all others. Tuples: those
 * that differ by one step in one number or in two, such as a factor of two that moves from dp to tp.
 */
export function neighbourhood(gene: AgentGene): Neighbourhood {
  if (gene.scale === 'category') return { of: (digit) => others(gene.size, digit) };
  if (gene.scale !== 'tuple') return { of: (digit) => [digit - 1, digit + 1].filter((d) => d >= 0 && d < gene.size) };
  return gene.table === undefined
    ? { of: (digit) => others(gene.size, digit) }
    : tupleNeighbourhood(gene.size, gene.table);
}

function others(size: number, digit: number): number[] {
  return Array.from({ length: size - 1 }, (_, i) => (i < digit ? i : i + 1));
}

/** Finds tuples by the ranks of their numbers, so that it needs no search, however many tuples there are. */
function tupleNeighbourhood(size: number, table: Float64Array): Neighbourhood {
  const columns = table.length / size;
  const ranks = Array.from({ length: columns }, (_, c) => ranksOf(table, c, columns));
  const strides = ranks.map((_, c) => ranks.slice(0, c).reduce((product, { count }) => product * (count + 2), 1));
  const keyOf = (digit: number) => ranks.reduce((key, { rank }, c) => key + (rank[digit]! + 1) * strides[c]!, 0);
  const byKey = new Map(Array.from({ length: size }, (_, digit) => [keyOf(digit), digit]));
  const steps = stepsOf(strides);
  const known = new Map<number, readonly number[]>();
  return {
    of(digit) {
      const found = known.get(digit) ?? near(digit);
      known.set(digit, found);
      return found;
    },
  };

  function near(digit: number): readonly number[] {
    const key = keyOf(digit);
    const reached = steps.flatMap((step) => byKey.get(key + step) ?? []);
    return reached.length > 0 ? reached : others(size, digit);
  }
}

/** The place of each number among the column's distinct ones. */
function ranksOf(table: Float64Array, column: number, columns: number): { rank: readonly number[]; count: number } {
  const values = Array.from({ length: table.length / columns }, (_, row) => table[row * columns + column]!);
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  const places = new Map(distinct.map((value, place) => [value, place]));
  return { rank: values.map((value) => places.get(value)!), count: distinct.length };
}

/** Differences of keys for one step in one column, and for one step in each of two. */
function stepsOf(strides: readonly number[]): number[] {
  const single = strides.flatMap((stride) => [stride, -stride]);
  const double = strides.flatMap((a, i) => strides.slice(i + 1).flatMap((b) => [a + b, a - b, b - a, -a - b]));
  return [...single, ...double];
}

/** Random changes of designs. */
export class Mutator {
  private readonly neighbourhoods: readonly Neighbourhood[];
  private readonly sizes: Uint32Array;
  /** Genes with more than one value. */
  readonly open: readonly number[];
  /** The rate at which designs were mutated last, and what logarithms of random numbers are multiplied by for it. */
  private rate = 0;
  private skipScale = 0;

  constructor(
    private readonly genes: readonly AgentGene[],
    private readonly stream: RandomStream,
  ) {
    this.neighbourhoods = genes.map(neighbourhood);
    this.sizes = Uint32Array.from(genes, ({ size }) => size);
    this.open = genes.flatMap(({ size }, g) => (size > 1 ? [g] : []));
  }

  /** Another value of a gene: mostly a near one where the gene tells what is near, else any. */
  step(g: number, digit: number): number {
    const { size, scale } = this.genes[g]!;
    if (size === 1) return digit;
    if (scale === 'linear' || scale === 'log') return this.stride(digit, size);
    if (scale === 'category' || this.stream.word() & 1) return this.jump(g, digit);
    const near = this.neighbourhoods[g]!.of(digit);
    return near[this.stream.below(near.length)]!;
  }

  /**
   * A step of any length from 1 to the whole range, each order of magnitude as likely as the others: short steps refine,
   * long ones leave local optima (after the heavy-tailed mutation of Doerr, Le, Makhmara & Nguyen, GECCO 2017).
   */
  private stride(digit: number, size: number): number {
    const length = Math.floor((size - 1) ** this.stream.uniform());
    const there = this.stream.word() & 1 ? digit + length : digit - length;
    if (there >= 0 && there < size) return there;
    return there < 0 ? Math.min(size - 1, digit + length) : Math.max(0, digit - length);
  }

  /** Any other value of a gene. */
  jump(g: number, digit: number): number {
    const { size } = this.genes[g]!;
    return size === 1 ? digit : (digit + 1 + this.stream.below(size - 1)) % size;
  }

  /**
   * Steps each gene with a probability, in place; the design is the row of `width` digits from `from` on. Draws how far it is
   * to the next, which is quicker than gene by gene.
   *
   * @returns how many genes have another value now
   */
  mutate(digits: Uint32Array, rate: number, from = 0, width = digits.length): number {
    if (rate <= 0) return 0;
    if (rate !== this.rate) this.setRate(rate);
    let changed = 0;
    for (let g = this.skip(); g < width; g += 1 + this.skip()) {
      if (this.sizes[g] === 1) continue;
      digits[from + g] = this.step(g, digits[from + g]!);
      changed++;
    }
    return changed;
  }

  private setRate(rate: number): void {
    this.rate = rate;
    this.skipScale = 1 / Math.log(1 - Math.min(rate, 1 - 1e-9));
  }

  /** Genes before the next one that steps. */
  private skip(): number {
    return Math.floor(Math.log(1 - this.stream.uniform()) * this.skipScale);
  }

  /** Steps one gene, in place. */
  mutateOne(digits: Uint32Array, from = 0): void {
    if (this.open.length === 0) return;
    const g = this.open[this.stream.below(this.open.length)]!;
    digits[from + g] = this.step(g, digits[from + g]!);
  }

  /** A row for each design that differs from one by a step in one gene. */
  around(digits: Uint32Array): Uint32Array {
    const rows = this.open.flatMap((g) =>
      this.neighbourhoods[g]!.of(digits[g]!).map((digit) => {
        const near = digits.slice();
        near[g] = digit;
        return near;
      }),
    );
    return joinRows(rows, digits.length);
  }
}

/** Rows of digits, one after another. */
export function joinRows(rows: readonly Uint32Array[], width: number): Uint32Array {
  const digits = new Uint32Array(rows.length * width);
  rows.forEach((row, i) => {
    digits.set(row, i * width);
  });
  return digits;
}
