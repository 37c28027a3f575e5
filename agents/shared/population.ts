import { z } from 'zod';
import { fitness, INFEASIBLE } from '../../kernels/objective/fitness.js';
import type { AgentGene, Evaluated } from '../agent.js';
import { type Rows, sameRow } from './designs.js';
import { smallestPlaces } from './order.js';
import type { Packing } from './packing.js';
import { areRowsOf, digitRows, numbers } from './savedState.js';
import { temporaryNumbers } from './temporary.js';

/** The fitness of each design of a batch, by the first objective; temporary. */
export function fitnessOf({ objectives, violations }: Evaluated): Float64Array {
  const stride = objectives.length / Math.max(1, violations.length);
  const all = temporaryNumbers(violations.length);
  for (let i = 0; i < all.length; i++) all[i] = fitness(objectives[i * stride]!, violations[i]!);
  return all;
}

/** How much better the second is than the first: in violation where the first is infeasible, else in objective. */
export function gain(before: number, after: number): number {
  if (before < INFEASIBLE) return before - after;
  return before / INFEASIBLE - (after < INFEASIBLE ? 1 : after / INFEASIBLE);
}

/** Designs as plain data. */
export function populationState(genes: readonly AgentGene[]) {
  return z
    .strictObject({ digits: digitRows(genes), fitness: numbers })
    .refine(({ digits, fitness }) => areRowsOf(fitness.length, digits, genes), 'each design has digits and a fitness');
}

export type PopulationState = z.infer<ReturnType<typeof populationState>>;

/** Many designs in few arrays: objects of their own would cost more than the search. */
export class Population {
  /** @param rows a packed row per design */
  constructor(
    readonly packing: Packing,
    readonly rows: Uint32Array = new Uint32Array(),
    readonly fitness: Float64Array = new Float64Array(),
  ) {}

  /** The designs of a batch, ranked by the first objective. */
  static of(batch: Evaluated, packing: Packing): Population {
    return new Population(packing, packing.pack(batch.digits), fitnessOf(batch));
  }

  static restore(state: PopulationState, packing: Packing): Population {
    return new Population(packing, packing.pack(Uint32Array.from(state.digits)), Float64Array.from(state.fitness));
  }

  get state(): PopulationState {
    return { digits: [...this.packing.unpack(this.rows)], fitness: [...this.fitness] };
  }

  get size(): number {
    return this.fitness.length;
  }

  /** The designs at some places, in their order. */
  at(places: Uint32Array): Population {
    const { packing, rows, fitness } = this;
    return new Population(packing, rowsAt(rows, places, packing.width), numbersAt(fitness, places));
  }

  /** The best designs, at most `count`, in the order that they have here; of equals the first. */
  best(count: number): Population {
    return count >= this.size ? this : this.at(smallestPlaces(this.fitness, count));
  }

  /** The best of these and others, which follow them, together. */
  bestWith(others: Population, count: number): Population {
    const all = joined(this.fitness, others.fitness);
    const places = smallestPlaces(all, count);
    return new Population(this.packing, rowsOfBoth(this, others, places, this.packing.width), numbersAt(all, places));
  }

  /** The best design, as a batch of one; undefined where there is none. */
  get emigrant(): Evaluated | undefined {
    const [best] = smallestPlaces(this.fitness, 1);
    if (best === undefined) return undefined;
    const { width } = this.packing;
    return batchOfOne(this.packing.unpack(this.rows.subarray(best * width, (best + 1) * width)), this.fitness[best]!);
  }

  /** These designs, the worst replaced by one from elsewhere that is better, and is not among them. */
  withNewcomer(newcomer: Evaluated): Population {
    const { rows, fitness, packing } = this;
    const { width } = packing;
    const row = packing.pack(newcomer.digits);
    const [value] = fitnessOf(newcomer);
    const worst = fitness.reduce((worst, one, i) => (one > fitness[worst]! ? i : worst), 0);
    const isKnown = fitness.some((one, i) => one === value && sameRow(rows, i, row, 0, width));
    if (value === undefined || isKnown || !(value < fitness[worst]!)) return this;
    const all = new Population(packing, rows.slice(), fitness.slice());
    copyRow(row, 0, all.rows, worst, width);
    all.fitness[worst] = value;
    return all;
  }
}

/** The objective and the violation that a fitness is made of; infeasible designs have 0 for an objective. */
export function splitFitness(fitness: number): [objective: number, violation: number] {
  return fitness < INFEASIBLE ? [fitness, 0] : [0, fitness / INFEASIBLE - 1];
}

/** A design as a batch of one, from its fitness. */
export function batchOfOne(digits: Uint32Array, fitness: number): Evaluated {
  const [objective, violation] = splitFitness(fitness);
  return { digits, objectives: Float64Array.of(objective), violations: Float64Array.of(violation) };
}

/** Numbers behind others; temporary. */
export function joined(first: Float64Array, second: Float64Array): Float64Array {
  const all = temporaryNumbers(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

// Words and numbers have functions of their own: one for both would be compiled for neither, and take four times as long.

/** Copies a row of words over another. */
function copyRow(from: Uint32Array, source: number, to: Uint32Array, target: number, width: number): void {
  for (let g = 0; g < width; g++) to[target * width + g] = from[source * width + g]!;
}

/** The rows of words at some places, in their order. */
export function rowsAt(rows: Uint32Array, places: Uint32Array, width: number): Uint32Array {
  const chosen = new Uint32Array(places.length * width);
  for (let i = 0; i < places.length; i++) copyRow(rows, places[i]!, chosen, i, width);
  return chosen;
}

/** The rows of words at some places, where the second follow the first. */
export function rowsOfBoth(first: Rows, second: Rows, places: Uint32Array, width: number): Uint32Array {
  const chosen = new Uint32Array(places.length * width);
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!;
    if (place < first.size) copyRow(first.rows, place, chosen, i, width);
    else copyRow(second.rows, place - first.size, chosen, i, width);
  }
  return chosen;
}

/** The rows of numbers at some places, in their order. */
export function numbersAt(
  numbers: Float64Array,
  places: Uint32Array,
  width = 1,
  chosen: Float64Array = new Float64Array(places.length * width),
): Float64Array {
  for (let i = 0; i < places.length; i++) {
    const from = places[i]! * width;
    for (let k = 0; k < width; k++) chosen[i * width + k] = numbers[from + k]!;
  }
  return chosen;
}
