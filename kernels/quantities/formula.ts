/** Formulas of derived outputs: read once, and made as small as the facts of a space allow. */
import jsep from 'jsep';
import { once } from '../../psa/once.js';
import { findParameter, MAX_DIMENSIONS } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import { OUTPUT, type OutputName } from '../outputs.js';
import { DERIVED_ROWS, type DerivedName } from './catalogue.js';
import { FUNCTIONS, type FunctionName } from './functions.js';

/** A number, an output, a value of the design, the NPUs of the system, or a function of such. */
export type Formula =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'output'; readonly place: number }
  | { readonly kind: 'slot'; readonly slot: number }
  | { readonly kind: 'npus' }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly of: readonly Formula[] };

const OPERATORS: Readonly<Record<string, FunctionName>> = { '+': 'add', '*': 'multiply', '/': 'divide' };

/** Formulas are written here, not by users: what is wrong in one is a mistake of the catalogue. */
function wrong(text: string, what: string): Error {
  return new Error(`formula '${text}': ${what}`);
}

function slotNamed(name: string, dimension: number | undefined, text: string): Formula {
  const parameter = findParameter(name);
  if (parameter === undefined) throw wrong(text, `no parameter ${name}`);
  if ((dimension === undefined) === parameter.perDimension || (dimension ?? 0) >= MAX_DIMENSIONS) {
    throw wrong(text, `dimension ${dimension} of ${name}`);
  }
  return { kind: 'slot', slot: parameter.slot + (dimension ?? 0) };
}

function readMember({ object, property, computed }: jsep.MemberExpression, text: string): Formula {
  if (computed) {
    const { object: stack, property: name } = object as jsep.MemberExpression;
    return slotNamed(`${stack.name}.${name.name}`, Number((property as jsep.Literal).value), text);
  }
  if (object.name === 'system' && property.name === 'npus') return { kind: 'npus' };
  return slotNamed(`${object.name}.${property.name}`, undefined, text);
}

function read(node: jsep.Expression, text: string): Formula {
  const expression = node as jsep.CoreExpression;
  const call = (name: FunctionName, of: readonly jsep.Expression[]): Formula => ({
    kind: 'call',
    name,
    of: of.map((argument) => read(argument, text)),
  });
  switch (expression.type) {
    case 'Literal':
      return { kind: 'number', value: Number(expression.value) };
    case 'Identifier':
      if (!(expression.name in OUTPUT)) throw wrong(text, `no output ${expression.name}`);
      return { kind: 'output', place: OUTPUT[expression.name as OutputName] };
    case 'MemberExpression':
      return readMember(expression, text);
    case 'CallExpression': {
      const name = String(expression.callee.name);
      if (!(name in FUNCTIONS)) throw wrong(text, `no function ${name}`);
      return call(name as FunctionName, expression.arguments);
    }
    case 'BinaryExpression': {
      const name = OPERATORS[expression.operator];
      if (name === undefined) throw wrong(text, `no operator ${expression.operator}`);
      return call(name, [expression.left, expression.right]);
    }
    default:
      throw wrong(text, `a ${expression.type}`);
  }
}

/** A formula as it is written. */
function readFormula(text: string): Formula {
  return read(jsep(text), text);
}

/** A derived output whose formula has been read. */
interface ReadRow {
  readonly name: DerivedName;
  readonly place: number;
  readonly formula: Formula;
  /** Of each entry one slot at least has a value above 0, or there is none of the output. */
  readonly needs: readonly (readonly number[])[];
}

/** All derived outputs, in the order of their places. */
export const derivedRows = once((): readonly ReadRow[] =>
  DERIVED_ROWS.map(({ name, formula, needs }) => ({
    name,
    place: OUTPUT[name],
    formula: readFormula(formula),
    needs: needs.map((entry) => entry.split(' or ').map((fact) => findParameter(fact)!.slot)),
  })),
);

/** The places of the outputs that a formula reads. */
function outputsIn(formula: Formula): number[] {
  if (formula.kind === 'output') return [formula.place];
  return formula.kind === 'call' ? formula.of.flatMap(outputsIn) : [];
}

/**
 * These outputs, and all that they derive from.
 *
 * @param rows in the order of their places: those of a space, or all as they are written
 */
export function withSources(
  names: Iterable<OutputName>,
  rows: readonly Pick<ReadRow, 'place' | 'formula'>[] = derivedRows(),
): Set<OutputName> {
  const places = new Set([...names].map((name): number => OUTPUT[name]));
  for (const { place, formula } of [...rows].reverse()) {
    if (places.has(place)) for (const source of outputsIn(formula)) places.add(source);
  }
  return new Set((Object.keys(OUTPUT) as OutputName[]).filter((name) => places.has(OUTPUT[name])));
}

/** A derived output of one space. */
export interface SpaceFormula extends ReadRow {
  /** What of `needs` only the design tells. */
  readonly open: readonly (readonly number[])[];
}

/** What of a space formulas are made smaller by. */
export type SpaceFacts = Pick<CompiledSpace, 'genes' | 'fixed' | 'npus'>;

/** What is known of a space before any design. */
class Known {
  private readonly varying: ReadonlySet<number>;
  private readonly constants = new Map<number, number>();

  constructor(private readonly space: SpaceFacts) {
    this.varying = new Set(space.genes.flatMap(({ slots }) => slots));
  }

  /** Notes that an output is the same number in all designs. */
  note(place: number, value: number): void {
    this.constants.set(place, value);
  }

  varies(slot: number): boolean {
    return this.varying.has(slot);
  }

  isGiven(slot: number): boolean {
    return !this.varies(slot) && this.space.fixed[slot]! > 0;
  }

  private leaf(formula: Formula): number | undefined {
    if (formula.kind === 'number') return formula.value;
    if (formula.kind === 'npus') return this.space.npus;
    if (formula.kind === 'output') return this.constants.get(formula.place);
    if (formula.kind === 'slot' && !this.varies(formula.slot)) return this.space.fixed[formula.slot]!;
    return undefined;
  }

  /** The formula with what is known in place. */
  simplified(formula: Formula): Formula {
    const known = this.leaf(formula);
    if (known !== undefined) return { kind: 'number', value: known };
    if (formula.kind !== 'call') return formula;
    return simplifiedCall(
      formula.name,
      formula.of.map((argument) => this.simplified(argument)),
    );
  }
}

function isNumber(formula: Formula | undefined, value?: number): formula is Formula & { kind: 'number' } {
  return formula?.kind === 'number' && (value === undefined || formula.value === value);
}

/** Is it above 0 in every design that has a time? Nothing in a formula is below 0. */
function isPositive(formula: Formula): boolean {
  if (formula.kind === 'number') return formula.value > 0;
  if (formula.kind === 'output') return formula.place === OUTPUT.timeUs;
  if (formula.kind !== 'call') return false;
  if (formula.name === 'add') return formula.of.some(isPositive);
  return (formula.name === 'multiply' || formula.name === 'divide') && formula.of.every(isPositive);
}

/** A call whose arguments are simple: done where they are numbers, gone where it adds nothing. */
function simplifiedCall(name: FunctionName, of: readonly Formula[]): Formula {
  const [first, second] = of;
  if (of.every((argument) => isNumber(argument))) {
    const value = FUNCTIONS[name].of as (...values: number[]) => number;
    return { kind: 'number', value: value(...of.map((argument) => argument.value)) };
  }
  if (name === 'add' && isNumber(first, 0)) return second!;
  if (name === 'add' && isNumber(second, 0)) return first!;
  if (name === 'multiply' && (isNumber(first, 0) || isNumber(second, 1))) return first!;
  if (name === 'multiply' && (isNumber(second, 0) || isNumber(first, 1))) return second!;
  if (name === 'divide' && (isNumber(first, 0) || isNumber(second, 1))) return first!;
  if (name === 'given' && isPositive(first!)) return first!;
  if (name === 'given' && isNumber(first)) return second!;
  return { kind: 'call', name, of };
}

const NOTHING: Formula = { kind: 'number', value: 0 };

/** The derived outputs of a space that may have a value, with all that is known of it in place. */
export function spaceFormulas(space: SpaceFacts): SpaceFormula[] {
  const known = new Known(space);
  return derivedRows().flatMap((row) => {
    const missing = row.needs.some((slots) => slots.every((slot) => !known.varies(slot) && !known.isGiven(slot)));
    const open = row.needs.filter((slots) => !slots.some((slot) => known.isGiven(slot)));
    const formula = missing ? NOTHING : known.simplified(row.formula);
    if (isNumber(formula) && open.length === 0) known.note(row.place, formula.value);
    if (missing || isNumber(formula, 0)) {
      known.note(row.place, 0);
      return [];
    }
    return [{ ...row, formula, open }];
  });
}

/**
 * Those of them that are wanted, in the order of their places.
 *
 * @param names by default all; what they derive from is wanted too
 */
export function formulasOf(space: CompiledSpace, names?: Iterable<OutputName>): SpaceFormula[] {
  const formulas = spaceFormulas(space);
  if (names === undefined) return formulas;
  const sources = withSources(names, formulas);
  return formulas.filter(({ name }) => sources.has(name));
}
