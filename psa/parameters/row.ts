/** What is said of a parameter, once: a row of the catalogue. */

/** How search agents may treat a parameter's values: unordered, ordered, or ordered on a logarithmic scale. */
export type Scale = 'category' | 'linear' | 'log';

/**
 * What of a simulation a parameter changes: the rate of a dimension's links, all else of a dimension, how the axes lie over
 * the dimensions, how collectives run in all dimensions, or the plan of the step; facts change nothing. `links` and `dimension`
 * are only of parameters per dimension.
 */
export type Change = 'links' | 'dimension' | 'layout' | 'channels' | 'plan' | 'nothing';

export interface ParameterRow {
  /**
   * First place in a design: one, or MAX_DIMENSIONS of a parameter per dimension. Slots are dense and do not overlap; they
   * also order the genes of a space, so those of published parameters stay.
   */
  readonly slot: number;
  readonly scale: Scale;
  /** One value per network dimension (four slots) or one for the whole design (one slot). */
  readonly perDimension: boolean;
  /** Whole numbers only. */
  readonly integer: boolean;
  readonly min: number;
  readonly max: number;
  /** Names of a category's values, with the number that stands for each in a design. */
  readonly categories: ReadonlyMap<string, number> | undefined;
  /** What a PsA may write for 0, where 0 has a meaning of its own. */
  readonly nameOfZero: string | undefined;
  /**
   * What it is where a system does not say: the value that adds nothing. `derived` follows from the number of NPUs and the
   * other parameters; `required` has to be said.
   */
  readonly neutral: { readonly value: number | string } | 'derived' | 'required';
  readonly changes: Change;
  readonly unit: string;
  readonly description: string;
}

const common = { perDimension: false, integer: false, categories: undefined, nameOfZero: undefined, unit: '' } as const;

/** A number; of each the kind, the bounds and the neutral value are still to be said. */
export const number = { ...common, scale: 'linear', changes: 'plan' } as const;

export const logarithmic = { ...number, scale: 'log' } as const;

export const whole = { ...logarithmic, integer: true } as const;

/** NPUs along an axis or a dimension, which the others and the number of NPUs leave. */
export const degree = { ...whole, min: 1, max: 2 ** 20, unit: 'NPUs', neutral: 'derived' } as const;

export const fraction = { ...number, min: 0.001, max: 1, neutral: { value: 1 } } as const;

/** Names that stand for 0, 1, …. */
export function codes<const Name extends string>(...names: readonly Name[]): ReadonlyMap<Name, number> {
  return new Map(names.map((name, code) => [name, code]));
}

export const onOff = codes('off', 'on');

/** A choice among names; `neutral` unless a system has to say it. */
export function category<Name extends string>(categories: ReadonlyMap<Name, number>, neutral?: NoInfer<Name>) {
  const numbers = [...categories.values()];
  return {
    ...common,
    scale: 'category',
    integer: true,
    min: Math.min(...numbers),
    max: Math.max(...numbers),
    categories,
    neutral: neutral === undefined ? 'required' : { value: neutral },
    changes: 'plan',
  } as const;
}
