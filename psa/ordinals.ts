import { CosmicError } from './errors.js';
import {
  FACT_STACKS,
  findParameter,
  MAX_DIMENSIONS,
  PARAMETERS,
  type ParameterDefinition,
  SLOT_COUNT,
  STACKS,
} from './parameters.js';
import type { CompiledSpace, Gene } from './space.js';
import { numberOf, scalarOf, scalarSchema } from './specs.js';
import { unknownParameter } from './suggest.js';
import { validatedValue } from './validate.js';

/** One parameter of a design, for people. */
export interface DesignEntry {
  readonly parameter: string;
  /** The network dimension, from 0; undefined where the parameter has none. */
  readonly dimension: number | undefined;
  readonly value: number | string;
  readonly unit: string;
  /** Does the space vary it? */
  readonly open: boolean;
}

function outside(ordinal: bigint, count: bigint): CosmicError {
  return new CosmicError('VALUE_OUT_OF_RANGE', `ordinal ${ordinal} is not in the space`, {
    remedy: `use 0 to ${count - 1n}`,
  });
}

/**
 * The digits of an ordinal, one per gene; gene 0 is the slowest, as in {@link CompiledSpace}.
 *
 * @throws CosmicError VALUE_OUT_OF_RANGE
 */
export function ordinalToDigits(space: CompiledSpace, ordinal: bigint): Uint32Array {
  if (ordinal < 0n || ordinal >= space.count) throw outside(ordinal, space.count);
  const digits = new Uint32Array(space.genes.length);
  let rest = ordinal;
  for (let g = digits.length - 1; g >= 0; g--) {
    const size = BigInt(space.genes[g]!.size);
    digits[g] = Number(rest % size);
    rest /= size;
  }
  return digits;
}

/** The ordinal of the digits, one per gene, that start at `offset`; the inverse of {@link ordinalToDigits}. */
export function digitsToOrdinal(space: CompiledSpace, digits: ArrayLike<number>, offset = 0): bigint {
  return space.genes.reduce((ordinal, { size }, g) => ordinal * BigInt(size) + BigInt(digits[offset + g]!), 0n);
}

/** Writes the design of digits into `design` (SLOT_COUNT numbers, by default new ones) and returns it. */
export function digitsToDesign(
  space: CompiledSpace,
  digits: ArrayLike<number>,
  design: Float64Array = new Float64Array(SLOT_COUNT),
): Float64Array {
  design.set(space.fixed);
  space.genes.forEach(({ slots, table }, g) => {
    const row = digits[g]! * slots.length;
    for (let i = 0; i < slots.length; i++) design[slots[i]!] = table[row + i]!;
  });
  return design;
}

/**
 * The design vector of an ordinal: a value per slot.
 *
 * @throws CosmicError VALUE_OUT_OF_RANGE
 */
export function designOf(space: CompiledSpace, ordinal: bigint): Float64Array {
  return digitsToDesign(space, ordinalToDigits(space, ordinal));
}

/** One of the parameters that a gene holds, and the columns of its table that have its values. */
export interface GenePart {
  /** `workload.dp`, `network.npus[1]`, or `network.npus` where one value holds for several dimensions. */
  readonly name: string;
  readonly columns: readonly number[];
}

/** The parameters that a gene holds. */
export function partsOfGene({ parameters, slots }: Gene): GenePart[] {
  const nameOf = new Map<number, string>();
  for (const name of parameters) {
    const [, base = name, index] = /^(.*)\[(\d+)\]$/.exec(name) ?? [];
    const { slot, perDimension } = findParameter(base)!;
    if (index !== undefined) nameOf.set(slot + Number(index), name);
    else if (!perDimension) nameOf.set(slot, name);
    else for (let d = 0; d < MAX_DIMENSIONS; d++) nameOf.set(slot + d, nameOf.get(slot + d) ?? name);
  }
  return parameters.map((name) => ({
    name,
    columns: slots.flatMap((slot, column) => (nameOf.get(slot) === name ? [column] : [])),
  }));
}

/** The row of a gene's table that a design has; −1 where none. */
export function rowOf({ slots, table, size }: Gene, design: Float64Array): number {
  for (let row = 0; row < size; row++) {
    if (slots.every((slot, i) => table[row * slots.length + i] === design[slot])) return row;
  }
  return -1;
}

/**
 * The ordinal of a design vector; the inverse of {@link designOf}.
 *
 * @returns undefined where the space does not contain the design
 */
export function ordinalOfDesign(space: CompiledSpace, design: Float64Array): bigint | undefined {
  const digits = space.genes.map((gene) => rowOf(gene, design));
  if (digits.includes(-1)) return undefined;
  const same = digitsToDesign(space, digits).every((value, slot) => value === design[slot]);
  return same ? digitsToOrdinal(space, digits) : undefined;
}

function isSaid({ fixed }: CompiledSpace, parameter: ParameterDefinition, open: ReadonlySet<number>): boolean {
  const { stack, slot, perDimension, neutral } = parameter;
  if (!FACT_STACKS.some((facts) => facts === stack)) return true;
  const own = Array.from({ length: perDimension ? MAX_DIMENSIONS : 1 }, (_, d) => slot + d);
  return own.some((place) => open.has(place) || fixed[place] !== (neutral as { readonly value: number }).value);
}

/** Slots are in the order in which parameters came to be. */
const BY_STACK = STACKS.flatMap((stack) => PARAMETERS.filter((parameter) => parameter.stack === stack));

/**
 * A design's parameters, stack by stack, with names for categories; facts that a space neither says nor varies are
 * left out.
 *
 * @param design an ordinal of the space, or a design vector
 * @example
 * describeDesign(space, 0n)[0]; // { parameter: 'workload.dp', dimension: undefined, value: 1, unit: 'NPUs', open: true }
 */
export function describeDesign(space: CompiledSpace, design: bigint | Float64Array): DesignEntry[] {
  const values = typeof design === 'bigint' ? designOf(space, design) : design;
  const open = new Set(space.genes.flatMap(({ slots }) => slots));
  return BY_STACK.filter((parameter) => isSaid(space, parameter, open)).flatMap((parameter) =>
    Array.from({ length: parameter.perDimension ? space.dimensions : 1 }, (_, d) => ({
      parameter: parameter.name,
      dimension: parameter.perDimension ? d : undefined,
      value: scalarOf(parameter, values[parameter.slot + d]!),
      unit: parameter.unit,
      open: open.has(parameter.slot + d),
    })),
  );
}

/**
 * The design vector of described parameters; the inverse of {@link describeDesign}. Parameters that are not listed keep
 * the space's fixed value.
 *
 * @throws CosmicError UNKNOWN_PARAMETER, SCHEMA, VALUE_OUT_OF_RANGE
 */
export function designFromParameters(
  space: CompiledSpace,
  entries: readonly Pick<DesignEntry, 'parameter' | 'dimension' | 'value'>[],
): Float64Array {
  const design = space.fixed.slice();
  for (const { parameter: name, dimension = 0, value } of entries) {
    const parameter = findParameter(name);
    if (parameter === undefined) throw unknownParameter(name, {});
    if (!Number.isInteger(dimension) || dimension < 0 || dimension >= (parameter.perDimension ? space.dimensions : 1)) {
      throw new CosmicError('VALUE_OUT_OF_RANGE', `${name} has no dimension ${dimension}`, {
        remedy: `use 0 to ${space.dimensions - 1} for parameters per dimension, none for others`,
      });
    }
    const scalar = validatedValue(scalarSchema(parameter), value, name, {});
    design[parameter.slot + dimension] = numberOf(parameter, scalar);
  }
  return design;
}
