import type { Evaluated } from './agent.js';

/** Infeasible designs rank behind all feasible ones: no objective comes near. */
const INFEASIBLE = 1e300;

/**
 * Objective and violation as one number that orders designs by Deb's rules ("An efficient constraint handling method for
 * genetic algorithms", CMAME 186, 2000): feasible before infeasible, then the smaller violation, then the smaller objective.
 */
export function fitness(objective: number, violation: number): number {
  return violation === 0 ? objective : INFEASIBLE * (1 + violation);
}

/** Designs as plain data. */
export interface PopulationState {
  readonly digits: readonly number[];
  readonly fitness: readonly number[];
}

/** Many designs in few arrays: objects of their own would cost more than the search. */
export class Population {
  /** @param digits a row of `width` digits per design */
  constructor(
    readonly width: number,
    readonly digits: Uint32Array = new Uint32Array(),
    readonly fitness: Float64Array = new Float64Array(),
  ) {}

  /** The designs of a batch, ranked by the first objective. */
  static of({ digits, objectives, violations }: Evaluated, width: number): Population {
    const stride = objectives.length / Math.max(1, violations.length);
    return new Population(
      width,
      digits,
      violations.map((violation, i) => fitness(objectives[i * stride]!, violation)),
    );
  }

  static restore(state: PopulationState, width: number): Population {
    return new Population(width, Uint32Array.from(state.digits), Float64Array.from(state.fitness));
  }

  get state(): PopulationState {
    return { digits: [...this.digits], fitness: [...this.fitness] };
  }

  get size(): number {
    return this.fitness.length;
  }

  /** These designs and others, in this order. */
  with(others: Population): Population {
    const digits = new Uint32Array(this.digits.length + others.digits.length);
    digits.set(this.digits);
    digits.set(others.digits, this.digits.length);
    const all = new Float64Array(this.size + others.size);
    all.set(this.fitness);
    all.set(others.fitness, this.size);
    return new Population(this.width, digits, all);
  }

  /** The best designs, at most `count`, in the order that they have here; of equals the first. */
  best(count: number): Population {
    if (count >= this.size) return this;
    const limit = smallest(this.fitness.slice(), count);
    let ties = count - this.fitness.reduce((better, value) => better + (value < limit ? 1 : 0), 0);
    const digits = new Uint32Array(count * this.width);
    const kept = new Float64Array(count);
    let at = 0;
    for (let i = 0; i < this.size; i++) {
      const value = this.fitness[i]!;
      if (value > limit || (value === limit && ties-- <= 0)) continue;
      for (let g = 0; g < this.width; g++) digits[at * this.width + g] = this.digits[i * this.width + g]!;
      kept[at++] = value;
    }
    return new Population(this.width, digits, kept);
  }
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

  /** Adds the design whose digits begin at `from`. */
  add(digits: Uint32Array, from: number, width: number): void {
    const place = this.place(digits, from, width);
    this.bits[place >>> 5]! |= 1 << (place & 31);
  }

  has(digits: Uint32Array, from: number, width: number): boolean {
    const place = this.place(digits, from, width);
    return ((this.bits[place >>> 5]! >>> (place & 31)) & 1) === 1;
  }

  /** FNV-1a over the digits, then the finaliser of MurmurHash3. */
  private place(digits: Uint32Array, from: number, width: number): number {
    let hash = 0x811c9dc5;
    for (let g = from; g < from + width; g++) hash = Math.imul(hash ^ digits[g]!, 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return ((hash ^ (hash >>> 16)) & this.mask) >>> 0;
  }
}
