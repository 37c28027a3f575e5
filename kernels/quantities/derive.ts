/** Derived outputs of designs in f64. WGSL: deriveProgram.ts; bounds: deriveBounds.ts. */
import type { CompiledSpace } from '../../psa/space.js';
import type { OutputName } from '../outputs.js';
import { type Formula, formulasOf, type SpaceFormula } from './formula.js';
import { FUNCTIONS, type FunctionName, LARGEST } from './functions.js';

/** Sets derived outputs of a design behind a simulation: `outputs[row …]`, in the order of OUTPUTS. */
export type Deriver = (design: Float64Array, outputs: Float64Array, row: number) => void;

type Calculate = (...values: number[]) => number;

/** Functions that take as long as a neighbour of a design in a sweep, and whose arguments seldom change from one to the next. */
const SLOW: ReadonlySet<FunctionName> = new Set(['dalyInterval', 'dalyGoodput', 'available']);

/** The function, which knows its last value. */
function remembering(calculate: Calculate): Calculate {
  let [a, b, c, value] = [Number.NaN, Number.NaN, Number.NaN, 0];
  return (x = 0, y = 0, z = 0) => {
    if (x === a && y === b && z === c) return value;
    value = calculate(x, y, z);
    [a, b, c] = [x, y, z];
    return value;
  };
}

/** A formula as JavaScript over `design`, `outputs` and `row`, and `f` with the functions. */
function text(formula: Formula): string {
  switch (formula.kind) {
    case 'number':
      return String(formula.value);
    case 'output':
      return `outputs[row + ${formula.place}]`;
    case 'slot':
      return `design[${formula.slot}]`;
    case 'npus':
      throw new Error('a space knows its NPUs');
    case 'call':
      return callText(formula.name, formula.of);
  }
}

function callText(name: FunctionName, of: readonly Formula[]): string {
  const [a, b] = of.map(text);
  if (name === 'add') return `(${a} + ${b})`;
  if (name === 'multiply') return `${a} * ${b}`;
  if (name === 'divide' && of[1]?.kind === 'number' && of[1].value > 0) return `(${a}) / ${b}`;
  return `f.${name}(${of.map(text).join(', ')})`;
}

function statement({ place, formula, open }: SpaceFormula): string {
  const known = open.map((slots) => `(${slots.map((slot) => `design[${slot}] > 0`).join(' || ')})`).join(' && ');
  const number = `Math.min(${text(formula)}, ${LARGEST})`;
  const value = open.length === 0 ? number : `${known} ? ${number} : 0`;
  return `outputs[row + ${place}] = ${value};`;
}

/**
 * What sets the derived outputs of a space's designs. Outputs without a value, for a fact is missing, are left as they are: 0.
 * Formulas are compiled, as they are for a GPU: walking them takes as long as all else of a neighbour in a sweep.
 *
 * @param names those that are wanted, by default all; what they derive from is set too
 * @returns undefined where none of them has a value
 * @example
 * const derive = createDeriver(space, ['days']);
 * simulate(design, outputs, 0);
 * derive?.(design, outputs, 0);
 */
export function createDeriver(space: CompiledSpace, names?: Iterable<OutputName>): Deriver | undefined {
  const formulas = formulasOf(space, names);
  if (formulas.length === 0) return undefined;
  const functions = Object.entries(FUNCTIONS).map(([name, { of }]) => {
    const calculate = of as Calculate;
    return [name, SLOW.has(name as FunctionName) ? remembering(calculate) : calculate];
  });
  // Of the catalogue's own formulas and of numbers: nothing that a user writes is in it.
  const compiled = new Function('f', 'design', 'outputs', 'row', formulas.map(statement).join('\n')) as (
    f: Readonly<Record<string, Calculate>>,
    ...rest: Parameters<Deriver>
  ) => void;
  const f: Readonly<Record<string, Calculate>> = Object.fromEntries(functions);
  return (design, outputs, row) => compiled(f, design, outputs, row);
}
