/** Bounds of the derived outputs of boxes. */
import type { CompiledSpace } from '../../psa/space.js';
import type { OutputName } from '../outputs.js';
import { type Formula, formulasOf } from './formula.js';
import { FUNCTIONS, type Interval, LARGEST } from './functions.js';

/** Sets the ends of derived outputs behind those of the others; `values`: the least and the most of a slot. */
export type BoundDeriver = (values: (slot: number) => Interval, least: Float64Array, most: Float64Array) => void;

/** Roundings of a formula, in f64, many times over. */
const ROUNDING = 1e-12;

function endsOf(formula: Formula, values: (slot: number) => Interval, ends: (place: number) => Interval): Interval {
  switch (formula.kind) {
    case 'number':
      return [formula.value, formula.value];
    case 'output':
      return ends(formula.place);
    case 'slot':
      return values(formula.slot);
    case 'npus':
      throw new Error('a space knows its NPUs');
    case 'call': {
      const of = FUNCTIONS[formula.name].ends as (...intervals: Interval[]) => Interval;
      return of(...formula.of.map((argument) => endsOf(argument, values, ends)));
    }
  }
}

/** As {@link createDeriver}, of boxes: by arithmetic of intervals, so a formula needs to be neither rising nor falling. */
export function createBoundDeriver(space: CompiledSpace, names: Iterable<OutputName>): BoundDeriver | undefined {
  const formulas = formulasOf(space, names);
  if (formulas.length === 0) return undefined;
  return (values, least, most) => {
    const ends = (place: number): Interval => [least[place]!, most[place]!];
    for (const { place, formula, open } of formulas) {
      // Without a fact that it needs a design has no value: 0.
      const lacks = (end: 0 | 1) => open.some((slots) => slots.every((slot) => values(slot)[end] === 0));
      const [low, high] = lacks(1) ? [0, 0] : endsOf(formula, values, ends);
      least[place] = lacks(0) ? 0 : Math.min(low * (1 - ROUNDING), LARGEST);
      most[place] = high * (1 + ROUNDING);
    }
  };
}
