/** Derived outputs of designs in f64. WGSL: deriveProgram.ts; bounds: deriveBounds.ts. */
import type { CompiledSpace } from '../../psa/space.js';
import type { OutputName } from '../outputs.js';
import { type Formula, formulasOf, type SpaceFormula } from './formula.js';
import { FUNCTIONS } from './functions.js';

/** Sets derived outputs of a design behind a simulation: `outputs[row …]`, in the order of OUTPUTS. */
export type Deriver = (design: Float64Array, outputs: Float64Array, row: number) => void;

type Reader = (design: Float64Array, outputs: Float64Array, row: number) => number;

function reader(formula: Formula): Reader {
  switch (formula.kind) {
    case 'number': {
      const { value } = formula;
      return () => value;
    }
    case 'output': {
      const { place } = formula;
      return (_, outputs, row) => outputs[row + place]!;
    }
    case 'slot': {
      const { slot } = formula;
      return (design) => design[slot]!;
    }
    case 'npus':
      throw new Error('a space knows its NPUs');
    case 'call':
      return callReader(FUNCTIONS[formula.name].of as (...values: number[]) => number, formula.of.map(reader));
  }
}

/** Functions have one, two or three arguments: no list is made for each call. */
function callReader(of: (...values: number[]) => number, [a, b, c]: readonly Reader[]): Reader {
  if (b === undefined) return (design, outputs, row) => of(a!(design, outputs, row));
  if (c === undefined) {
    return (design, outputs, row) => of(a!(design, outputs, row), b(design, outputs, row));
  }
  return (design, outputs, row) => of(a!(design, outputs, row), b(design, outputs, row), c(design, outputs, row));
}

function hasNeeds(open: SpaceFormula['open'], design: Float64Array): boolean {
  return open.every((slots) => slots.some((slot) => design[slot]! > 0));
}

/**
 * What sets the derived outputs of a space's designs. Outputs without a value, for a fact is missing, are left as they are: 0.
 *
 * @param names those that are wanted, by default all; what they derive from is set too
 * @returns undefined where none of them has a value
 * @example
 * const derive = createDeriver(space, ['days']);
 * simulate(design, outputs, 0);
 * derive?.(design, outputs, 0);
 */
export function createDeriver(space: CompiledSpace, names?: Iterable<OutputName>): Deriver | undefined {
  const formulas = formulasOf(space, names).map(({ place, formula, open }) => ({
    place,
    open,
    value: reader(formula),
  }));
  if (formulas.length === 0) return undefined;
  return (design, outputs, row) => {
    for (const { place, open, value } of formulas) {
      outputs[row + place] = hasNeeds(open, design) ? value(design, outputs, row) : 0;
    }
  };
}
