import { z } from 'zod';
import { MAX_DIMENSIONS, type ParameterDefinition } from './parameters.js';

export type Scalar = number | string | boolean;

/** The values of one parameter, or of one dimension of it. */
export type FlatSpec =
  | Scalar
  | { readonly values: readonly Scalar[] | 'all' }
  | { readonly range: { readonly from: number; readonly to: number; readonly step: number } }
  | { readonly powersOfTwo: { readonly from: number; readonly to: number | 'system.npus' } };

/** What a PsA says of one parameter. Without `perDimension` one choice holds for all network dimensions. */
export type ParameterSpec = FlatSpec | { readonly perDimension: FlatSpec | readonly FlatSpec[] };

/** More values than any one parameter needs; keeps a slip in a range's step from exhausting the memory. */
export const MOST_VALUES = 65_536;

function numberSchema(parameter: ParameterDefinition) {
  const number = parameter.integer ? z.int() : z.number();
  return number.min(parameter.min).max(parameter.max);
}

/** One value of a parameter as a PsA writes it: a number in range, or a category's name (on/off may be true/false). */
export function scalarSchema(parameter: ParameterDefinition): z.ZodType<Scalar> {
  if (parameter.categories !== undefined) {
    const names = z.enum([...parameter.categories.keys()]);
    return parameter.categories.has('on') ? z.union([names, z.boolean()]) : names;
  }
  const { nameOfZero } = parameter;
  const number = numberSchema(parameter);
  return nameOfZero === undefined ? number : z.union([number, z.literal(nameOfZero)]);
}

function flatSchema(parameter: ParameterDefinition): z.ZodType<FlatSpec> {
  const scalar = scalarSchema(parameter);
  const list = z.array(scalar).min(1).max(MOST_VALUES);
  if (parameter.categories !== undefined) {
    return z.union([scalar, z.strictObject({ values: z.union([list, z.literal('all')]) })]);
  }
  const number = numberSchema(parameter);
  // A fraction of a whole number, such as every second chunk and a half, is none that the simulator knows.
  const step = parameter.integer ? z.int().min(1) : z.number().positive();
  return z.union([
    scalar,
    z.strictObject({ values: list }),
    z.strictObject({ range: z.strictObject({ from: number, to: number, step: step.max(1e9) }) }),
    z.strictObject({
      powersOfTwo: z.strictObject({ from: number, to: z.union([number, z.literal('system.npus')]) }),
    }),
  ]);
}

/** Schemas that were made: thousands of overrides ask for those of the same few parameters. */
const specSchemas = new Map<ParameterDefinition, z.ZodType<ParameterSpec>>();

/** Everything that a PsA may say of a parameter. */
export function specSchema(parameter: ParameterDefinition): z.ZodType<ParameterSpec> {
  const known = specSchemas.get(parameter) ?? makeSpecSchema(parameter);
  specSchemas.set(parameter, known);
  return known;
}

function makeSpecSchema(parameter: ParameterDefinition): z.ZodType<ParameterSpec> {
  const flat = flatSchema(parameter);
  if (!parameter.perDimension) return flat;
  const perDimension = z.union([flat, z.array(flat).min(1).max(MAX_DIMENSIONS)]);
  return z.union([flat, z.strictObject({ perDimension })]);
}

/** The number that stands for a scalar in a design, of a scalar that {@link scalarSchema} accepts. */
export function numberOf(parameter: ParameterDefinition, scalar: Scalar): number {
  if (typeof scalar === 'number') return scalar;
  const name = typeof scalar === 'boolean' ? (scalar ? 'on' : 'off') : scalar;
  return parameter.categories?.get(name) ?? 0;
}

/** A design's number as a PsA writes it. */
export function scalarOf(parameter: ParameterDefinition, value: number): number | string {
  if (parameter.categories !== undefined) {
    for (const [name, code] of parameter.categories) if (code === value) return name;
  }
  return (value === 0 ? parameter.nameOfZero : undefined) ?? value;
}
