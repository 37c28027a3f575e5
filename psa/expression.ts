import type jsep from 'jsep';
import type { Place } from './document.js';
import { CosmicError, excerpt } from './errors.js';
import { findParameter, PARAMETERS, type ParameterDefinition } from './parameters.js';
import type { ModelPhase } from './space.js';
import { suggest } from './suggest.js';

/** What a constraint may look at besides the parameters. */
export interface Scope {
  readonly text: string;
  readonly place: Place;
  readonly npus: number;
  readonly dimensions: number;
  readonly phase: ModelPhase;
  /** Collects the slots of a design that the expression reads. */
  readonly reads: Set<number>;
}

/** An expression over a design vector, typed when it is built, so that evaluating it cannot fail. */
export type Value =
  | { readonly type: 'number'; readonly of: (design: Float64Array) => number; readonly parameter?: ParameterDefinition }
  | { readonly type: 'boolean'; readonly of: (design: Float64Array) => boolean }
  | { readonly type: 'dimensions'; readonly slots: readonly number[]; readonly name: string }
  | { readonly type: 'name'; readonly name: string };

type NumberValue = Extract<Value, { type: 'number' }>;
type BooleanValue = Extract<Value, { type: 'boolean' }>;

/** Rounding of sums of decimal fractions must not decide an equality; whole numbers are not rounded. */
const TOLERANCE = 1e-9;

function equal(a: number, b: number): boolean {
  if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) return a === b;
  return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
}

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': equal,
  '!=': (a, b) => !equal(a, b),
  '<': (a, b) => a < b && !equal(a, b),
  '<=': (a, b) => a < b || equal(a, b),
  '>': (a, b) => a > b && !equal(a, b),
  '>=': (a, b) => a > b || equal(a, b),
};

const LOGIC: Readonly<Record<string, 'and' | 'or'>> = { and: 'and', '&&': 'and', or: 'or', '||': 'or' };

const REDUCTIONS: ReadonlyMap<string, (values: readonly number[]) => number> = new Map([
  ['product', (values) => values.reduce((product, value) => product * value, 1)],
  ['sum', (values) => values.reduce((sum, value) => sum + value, 0)],
  ['min', (values) => Math.min(...values)],
  ['max', (values) => Math.max(...values)],
]);

/** The value of one slot. */
function read(slot: number, scope: Scope): (design: Float64Array) => number {
  scope.reads.add(slot);
  return (design) => design[slot]!;
}

/** The batch in force: the model's own where the design's is 0. */
function readBatch(slot: number, scope: Scope): (design: Float64Array) => number {
  const batch = read(slot, scope);
  return (design) => batch(design) || scope.phase.batch;
}

/** A constraint in a message. */
export function quoted(text: string): string {
  return `constraint '${excerpt(text)}'`;
}

function complain(scope: Scope, message: string, remedy: string): never {
  throw new CosmicError('CONSTRAINT_SYNTAX', `${quoted(scope.text)}: ${message}`, { ...scope.place, remedy });
}

function constant(value: number): NumberValue {
  return { type: 'number', of: () => value };
}

function asNumber(value: Value, scope: Scope): NumberValue {
  switch (value.type) {
    case 'number':
      return value;
    case 'boolean':
      return complain(scope, 'a comparison stands where a number is needed', 'put brackets around the arithmetic');
    case 'dimensions':
      return complain(
        scope,
        `${value.name} has a value per dimension`,
        `write product(${value.name}), sum, min or max of it, or one dimension, ${value.name}[0]`,
      );
    case 'name':
      return complain(
        scope,
        `there is nothing called '${excerpt(value.name)}'`,
        suggest(value.name, [...PARAMETERS.map(({ name }) => name), 'system.npus', 'system.dimensions', 'model.batch']),
      );
  }
}

function asBoolean(value: Value, scope: Scope): BooleanValue {
  if (value.type === 'boolean') return value;
  return complain(scope, 'a number stands where a comparison is needed', 'compare it with something, such as `… <= 8`');
}

/** A category's name means something only beside its parameter: `workload.pipelineSchedule == interleaved`. */
function named(value: Value, other: Value, scope: Scope): Value {
  if (value.type !== 'name' || other.type !== 'number' || other.parameter === undefined) return value;
  const { parameter } = other;
  if (parameter.categories === undefined) return constant(zeroName(value.name, parameter, scope));
  const code = parameter.categories.get(value.name);
  if (code !== undefined) return constant(code);
  const remedy = suggest(value.name, [...parameter.categories.keys()]);
  return complain(scope, `${parameter.name} cannot be '${excerpt(value.name)}'`, remedy);
}

function zeroName(name: string, parameter: ParameterDefinition, scope: Scope): number {
  if (parameter.name === 'workload.batch' && name === 'model') return scope.phase.batch;
  if (name === parameter.nameOfZero) return 0;
  return asNumber({ type: 'name', name }, scope).of(new Float64Array());
}

function binary(operator: string, left: Value, right: Value, scope: Scope): Value {
  const logic = LOGIC[operator];
  if (logic !== undefined) {
    const [a, b] = [asBoolean(left, scope).of, asBoolean(right, scope).of];
    const of = logic === 'and' ? (x: Float64Array) => a(x) && b(x) : (x: Float64Array) => a(x) || b(x);
    return { type: 'boolean', of };
  }
  const compare = COMPARISONS[operator];
  const calculate = ARITHMETIC[operator];
  if (compare === undefined && calculate === undefined) {
    return complain(scope, `'${operator}' is not known`, 'use + - * / %, == != < <= > >=, and, or, not');
  }
  const a = asNumber(named(left, right, scope), scope).of;
  const b = asNumber(named(right, left, scope), scope).of;
  if (compare !== undefined) return { type: 'boolean', of: comparison(operator, compare, a, b, scope) };
  return { type: 'number', of: (x) => calculate!(a(x), b(x)) };
}

/** Infinity would equal anything, and no comparison holds of what is not a number: a quotient or remainder by 0 is a mistake. */
function comparison(
  operator: string,
  compare: (a: number, b: number) => boolean,
  left: (design: Float64Array) => number,
  right: (design: Float64Array) => number,
  scope: Scope,
): (design: Float64Array) => boolean {
  return (design) => {
    const [a, b] = [left(design), right(design)];
    if (Number.isFinite(a) && Number.isFinite(b)) return compare(a, b);
    throw new CosmicError('CONSTRAINT_SYNTAX', `${quoted(scope.text)} would compare ${a} ${operator} ${b}`, {
      ...scope.place,
      remedy: 'it divides by 0 or grows beyond all numbers; say first where it does not, as in `x != 0 and y / x == 5`',
    });
  };
}

function unary(operator: string, value: Value, scope: Scope): Value {
  if (operator === 'not' || operator === '!') {
    const { of } = asBoolean(value, scope);
    return { type: 'boolean', of: (x) => !of(x) };
  }
  const { of } = asNumber(value, scope);
  if (operator === '-') return { type: 'number', of: (x) => -of(x) };
  return complain(scope, `'${operator}' is not known`, 'use - or not');
}

function call(name: string, values: readonly Value[], scope: Scope): Value {
  const reduce = REDUCTIONS.get(name);
  if (reduce === undefined) {
    return complain(scope, `there is no function '${excerpt(name)}'`, suggest(name, [...REDUCTIONS.keys()]));
  }
  if (values.length === 0) return complain(scope, `${name}() is empty`, `write ${name}(network.npus)`);
  const parts = values.flatMap((value) =>
    value.type === 'dimensions' ? value.slots.map((slot) => read(slot, scope)) : [asNumber(value, scope).of],
  );
  return { type: 'number', of: (x) => reduce(parts.map((part) => part(x))) };
}

/** Sizes of the model are numbers; its other fields are nothing to compare. */
function modelField(field: string, scope: Scope): Value {
  const sizes = Object.entries(scope.phase).filter(([, value]) => typeof value === 'number');
  const size = sizes.find(([name]) => name === field);
  if (size !== undefined) return constant(Number(size[1]));
  const known = sizes.map(([name]) => name);
  return complain(scope, `there is no 'model.${excerpt(field)}'`, suggest(field, known));
}

function member(stack: string, name: string, scope: Scope): Value {
  if (stack === 'model') return modelField(name, scope);
  if (stack === 'system' && name === 'npus') return constant(scope.npus);
  if (stack === 'system' && name === 'dimensions') return constant(scope.dimensions);
  const parameter = findParameter(`${stack}.${name}`);
  if (parameter === undefined) return { type: 'name', name: `${stack}.${name}` };
  const { slot } = parameter;
  if (parameter.name === 'workload.batch') return { type: 'number', of: readBatch(slot, scope), parameter };
  if (!parameter.perDimension) return { type: 'number', of: read(slot, scope), parameter };
  const slots = Array.from({ length: scope.dimensions }, (_, d) => slot + d);
  return { type: 'dimensions', slots, name: parameter.name };
}

function indexed(value: Value, index: unknown, scope: Scope): Value {
  if (value.type !== 'dimensions') return complain(scope, 'only a parameter per dimension has an index', 'remove [ ]');
  const slot = typeof index === 'number' ? value.slots[index] : undefined;
  if (slot === undefined) {
    return complain(
      scope,
      `${value.name} has no dimension ${index ?? 'of that kind'}`,
      `use 0 to ${scope.dimensions - 1}`,
    );
  }
  return { type: 'number', of: read(slot, scope), parameter: findParameter(value.name)! };
}

function literal(value: unknown, scope: Scope): Value {
  if (typeof value === 'number' && Number.isFinite(value)) return constant(value);
  if (typeof value === 'string') return { type: 'name', name: value };
  return complain(scope, `'${excerpt(String(value))}' is not known`, 'use numbers, and on or off for switches');
}

/** Types an expression, node by node; only the kinds of nodes listed here exist. */
export function typed(node: jsep.Expression, scope: Scope): Value {
  const expression = node as jsep.CoreExpression;
  switch (expression.type) {
    case 'Literal':
      return literal(expression.value, scope);
    case 'Identifier':
      return { type: 'name', name: expression.name };
    case 'MemberExpression': {
      const { object, property, computed } = expression;
      if (computed) return indexed(typed(object, scope), (property as jsep.Literal).value, scope);
      return member(String(object.name ?? '…'), String(property.name), scope);
    }
    case 'CallExpression': {
      const values = expression.arguments.map((argument) => typed(argument, scope));
      return call(String(expression.callee.name ?? '…'), values, scope);
    }
    case 'UnaryExpression':
      return unary(expression.operator, typed(expression.argument, scope), scope);
    case 'BinaryExpression':
      return binary(expression.operator, typed(expression.left, scope), typed(expression.right, scope), scope);
    default:
      return complain(scope, 'it is not one expression', 'write one comparison, or join several with and, or');
  }
}
