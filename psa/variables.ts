import type { Place } from './document.js';
import { CosmicError } from './errors.js';
import { fittedDefaults } from './fitting.js';
import { PARAMETERS, type ParameterDefinition } from './parameters.js';
import type { Placed, Psa } from './psa.js';
import { type FlatSpec, MOST_VALUES, numberOf, type ParameterSpec, type Scalar } from './specs.js';

/** What takes one value in a design: a parameter, or one dimension of it. */
export interface Variable {
  /** `workload.dp`, `network.npus[1]`, or `network.npus` where one value holds for all dimensions. */
  readonly name: string;
  readonly parameter: ParameterDefinition;
  /** The slots that its value fills: one, or one per dimension. */
  readonly slots: readonly number[];
  /** Its candidates; numbers in ascending order, categories as listed. At least one. */
  readonly values: readonly number[];
  /** Not chosen but following from the others: any factor of the number of NPUs, as the constraints allow. */
  readonly derived: boolean;
}

function complain(message: string, remedy: string, place: Place): never {
  throw new CosmicError('VALUE_OUT_OF_RANGE', message, { ...place, remedy });
}

/** 0.1 + 2 · 0.1 is 0.30000000000000004; twelve digits are what a person means. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

function rangeValues({ from, to, step }: { from: number; to: number; step: number }, name: string, place: Place) {
  const count = Math.floor(rounded((to - from) / step)) + 1;
  if (count < 1) complain(`the range of ${name} ends at ${to}, before it starts at ${from}`, 'swap from and to', place);
  if (count > MOST_VALUES) complain(`the range of ${name} has ${count} values`, 'use a larger step', place);
  return Array.from({ length: count }, (_, i) => rounded(from + i * step));
}

function powersOfTwo(from: number, to: number, name: string, place: Place): number[] {
  const powers = [];
  for (let power = 1; power <= to; power *= 2) if (power >= from) powers.push(power);
  if (powers.length > 0) return powers;
  return complain(`no power of two lies in the range of ${name}, ${from} to ${to}`, 'widen from and to', place);
}

function listed(parameter: ParameterDefinition, scalars: readonly Scalar[], name: string, place: Place): number[] {
  const values = scalars.map((scalar) => numberOf(parameter, scalar));
  const known = new Set<number>();
  const repeated = values.findIndex((value) => known.size === known.add(value).size);
  if (repeated < 0) return values;
  return complain(`${name} lists ${scalars[repeated]} twice`, 'list each value once', place);
}

function candidates(parameter: ParameterDefinition, spec: FlatSpec, name: string, npus: number, place: Place) {
  if (typeof spec !== 'object') return [numberOf(parameter, spec)];
  if ('range' in spec) return rangeValues(spec.range, name, place);
  if ('powersOfTwo' in spec) {
    const { from, to } = spec.powersOfTwo;
    return powersOfTwo(from, to === 'system.npus' ? npus : to, name, place);
  }
  if (spec.values === 'all') return [...parameter.categories!.values()];
  return listed(parameter, spec.values, name, place);
}

/** Ordered scales ascend, so that neighbouring digits are neighbouring values. */
function ordered(parameter: ParameterDefinition, values: readonly number[]): readonly number[] {
  return parameter.scale === 'category' ? values : [...values].sort((a, b) => a - b);
}

function factors(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1).filter((factor) => n % factor === 0);
}

/** What a PsA says of each dimension, or undefined where one choice holds for all of them. */
function byDimension(spec: ParameterSpec, name: string, dimensions: number, place: Place) {
  if (typeof spec !== 'object' || !('perDimension' in spec)) return undefined;
  const { perDimension } = spec;
  if (!Array.isArray(perDimension)) return new Array<FlatSpec>(dimensions).fill(perDimension as FlatSpec);
  if (perDimension.length === dimensions) return perDimension as FlatSpec[];
  const remedy = `give ${dimensions}, or one for all of them`;
  return complain(`${name} lists ${perDimension.length} dimensions of ${dimensions}`, remedy, place);
}

function variableOf(psa: Psa, parameter: ParameterDefinition, spec: FlatSpec, name: string, place: Place) {
  const values = ordered(parameter, candidates(parameter, spec, name, psa.system.npus, place));
  return { name, parameter, values: checked(values, parameter, name, place), derived: false };
}

function specified(
  psa: Psa,
  parameter: ParameterDefinition,
  { value, place }: Placed<ParameterSpec>,
  dimensions: readonly number[],
): Variable[] {
  const specs = byDimension(value, parameter.name, psa.dimensions, place);
  if (specs === undefined) {
    const slots = dimensions.map((d) => parameter.slot + d);
    return [{ ...variableOf(psa, parameter, value as FlatSpec, parameter.name, place), slots }];
  }
  return dimensions.map((d) => ({
    ...variableOf(psa, parameter, specs[d]!, `${parameter.name}[${d}]`, place),
    slots: [parameter.slot + d],
  }));
}

/** A range up to system.npus may leave what the parameter allows. */
function checked(values: readonly number[], { min, max }: ParameterDefinition, name: string, place: Place) {
  const outside = values.find((value) => value < min || value > max);
  if (outside === undefined) return values;
  return complain(`${name} would be ${outside}`, `use values from ${min} to ${max}`, place);
}

/** Of `workload.microBatch`. */
const WHOLE_BATCH = 0;

/** Serving takes the whole batch in one pass, whatever a system's file says of training: a pass reads all weights. */
function servesInOnePass({ workload }: Psa, { name }: ParameterDefinition): boolean {
  return name === 'workload.microBatch' && workload.phases.every(({ phase }) => phase !== 'training');
}

/** The system's default for a dimension. Dimensions beyond the system's are like its last one, with one NPU. */
function defaultOf(psa: Psa, parameter: ParameterDefinition, d: number): number | undefined {
  if (servesInOnePass(psa, parameter)) return WHOLE_BATCH;
  const defaults = psa.system.defaults.get(parameter.name)!;
  if (d < defaults.length) return defaults[d];
  return parameter.name === 'network.npus' ? 1 : defaults.at(-1);
}

function unspecified(psa: Psa, parameter: ParameterDefinition, dimensions: readonly number[]): Variable[] {
  return dimensions.map((d) => {
    const value = defaultOf(psa, parameter, d);
    return {
      name: parameter.perDimension ? `${parameter.name}[${d}]` : parameter.name,
      parameter,
      slots: [parameter.slot + d],
      values: value === undefined ? factors(psa.system.npus) : [value],
      derived: value === undefined,
    };
  });
}

function variablesOfParameter(psa: Psa, parameter: ParameterDefinition): Variable[] {
  const alone: Variable[] = [];
  const together: number[] = [];
  for (let d = 0; d < (parameter.perDimension ? psa.dimensions : 1); d++) {
    const name = `${parameter.name}[${d}]`;
    const own = psa.parameters.get(name);
    if (own === undefined) together.push(d);
    else {
      const variable = variableOf(psa, parameter, own.value as FlatSpec, name, own.place);
      alone.push({ ...variable, slots: [parameter.slot + d] });
    }
  }
  if (together.length === 0) return alone;
  const placed = psa.parameters.get(parameter.name);
  const others =
    placed === undefined ? unspecified(psa, parameter, together) : specified(psa, parameter, placed, together);
  return [...others, ...alone].sort((a, b) => a.slots[0]! - b.slots[0]!);
}

/**
 * Every variable of a PsA with its candidates, in the order of the parameters' slots.
 *
 * @throws CosmicError VALUE_OUT_OF_RANGE
 */
export function variablesOf(psa: Psa): Variable[] {
  const fitted = { ...psa, system: { ...psa.system, defaults: fittedDefaults(psa) } };
  return PARAMETERS.flatMap((parameter) => variablesOfParameter(fitted, parameter));
}
