/** Derived outputs as WGSL: each a line, which goes where neither the space has a value of it nor a pipeline asks for it. */
import type { CompiledSpace } from '../../psa/space.js';
import { OUTPUTS, type OutputName } from '../outputs.js';
import { SMALLEST_NORMAL } from '../reduce/layout.js';
import { constantName, realLiteral } from '../wgslText.js';
import { DERIVED_ROWS } from './catalogue.js';
import { type Formula, type SpaceFormula, spaceFormulas } from './formula.js';
import { FUNCTIONS, type FunctionName, LARGEST } from './functions.js';

/** Its reciprocal as f32 has it, where that is a normal number: devices multiply several times as fast as they divide. */
function reciprocalOf(formula: Formula | undefined): number | undefined {
  if (formula?.kind !== 'number' || !(formula.value > 0)) return undefined;
  const reciprocal = 1 / formula.value;
  return reciprocal >= SMALLEST_NORMAL && reciprocal <= LARGEST ? reciprocal : undefined;
}

function callText(name: FunctionName, of: readonly Formula[]): string {
  const reciprocal = name === 'divide' ? reciprocalOf(of[1]) : undefined;
  if (reciprocal !== undefined) return FUNCTIONS.multiply.wgsl(text(of[0]!), realLiteral(reciprocal));
  return (FUNCTIONS[name].wgsl as (...texts: string[]) => string)(...of.map(text));
}

function text(formula: Formula): string {
  switch (formula.kind) {
    case 'number':
      return realLiteral(formula.value);
    case 'output':
      return `outputs[OUTPUT_${constantName(OUTPUTS[formula.place]!.name)}]`;
    case 'slot':
      return `design[${formula.slot}u]`;
    case 'npus':
      throw new Error('a space knows its NPUs');
    case 'call':
      return callText(formula.name, formula.of);
  }
}

/** Whether the facts that only a design tells are there. */
function condition(open: readonly (readonly number[])[]): string {
  return open.map((slots) => `(${slots.map((slot) => `design[${slot}u] > 0.0`).join(' || ')})`).join(' && ');
}

/** The bit of each derived output in DERIVED and NAMED. */
function bitOf(name: OutputName): number {
  return 1 << DERIVED_ROWS.findIndex((row) => row.name === name);
}

/** The derived outputs among these, as bits: what a pipeline is to derive, or what its goal names. */
export function derivedBits(names: ReadonlySet<OutputName>): number {
  return DERIVED_ROWS.reduce((bits, { name }) => (names.has(name) ? bits | bitOf(name) : bits), 0);
}

/**
 * `derived_quantity(place)`: what goals read of them, each in its own unit. Only what the goal of a pipeline names is there: it is
 * called for each factor and limit, and drivers run all branches of a switch.
 */
function derivedQuantity(formulas: readonly SpaceFormula[]): string[] {
  return [
    'fn derived_quantity(place: u32) -> f32 {',
    '  if (NAMED == 0u) {',
    '    return 0.0;',
    '  }',
    '  var value = 0.0;',
    ...formulas.flatMap(({ name, place }) => [
      `  if ((NAMED & ${bitOf(name)}u) != 0u) {`,
      `    value = select(value, outputs[OUTPUT_${constantName(name)}], place == ${place}u);`,
      '  }',
    ]),
    '  return value;',
    '}',
  ];
}

/**
 * The derived outputs that a space has values of: `derive_outputs` sets them behind the others of a design, `derived_quantity` reads
 * them for goals.
 */
export function deriveProgram(space: CompiledSpace): string {
  const formulas = spaceFormulas(space);
  return [
    'fn derive_outputs() {',
    ...formulas.flatMap(({ name, formula, open }) => {
      const number = `min(${text(formula)}, ${realLiteral(LARGEST)})`;
      const value = open.length === 0 ? number : `select(0.0, ${number}, ${condition(open)})`;
      return [
        `  if ((DERIVED & ${bitOf(name)}u) != 0u) {`,
        `    outputs[OUTPUT_${constantName(name)}] = ${value};`,
        '  }',
      ];
    }),
    '}',
    ...derivedQuantity(formulas),
    '',
  ].join('\n');
}
