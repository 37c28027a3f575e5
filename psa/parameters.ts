/**
 * The catalogue of all parameters of the four stacks, and of all facts, one row each (psa/parameters/), and what derives from it. A
 * design is one vector of {@link SLOT_COUNT} numbers; a PsA says which of them vary.
 * The reference's schema: arXiv 2505.15020; the remainder is what an honest simulation needs besides.
 */
import { collective } from './parameters/collective.js';
import { compute } from './parameters/compute.js';
import { job, power, prices, reliability } from './parameters/facts.js';
import { network } from './parameters/network.js';
import type { ParameterRow } from './parameters/row.js';
import { workload } from './parameters/workload.js';

/** The most network dimensions that a design may have. */
export const MAX_DIMENSIONS = 4;

const FACTS = { job, power, reliability, prices } as const;

const ROWS = { workload, collective, network, compute, ...FACTS } as const;

export type Stack = keyof typeof ROWS;

export const STACKS = Object.keys(ROWS) as readonly Stack[];

/** Of these, what a step's time does not depend on: facts of a job and of machines. */
export type FactStack = keyof typeof FACTS;
export const FACT_STACKS = Object.keys(FACTS) as readonly FactStack[];

/** The names of all parameters, `stack.parameter`. */
export type ParameterName = { [S in Stack]: `${S}.${keyof (typeof ROWS)[S] & string}` }[Stack];

/** A parameter: its row, and where in the catalogue that stands. */
export interface ParameterDefinition extends ParameterRow {
  /** `stack.parameter`, as in a PsA. */
  readonly name: ParameterName;
  readonly stack: Stack;
}

/** Every parameter, in the order of their slots. */
export const PARAMETERS: readonly ParameterDefinition[] = STACKS.flatMap((stack) =>
  Object.entries<ParameterRow>(ROWS[stack]).map(([name, row]) => ({
    ...row,
    name: `${stack}.${name}` as ParameterName,
    stack,
  })),
).sort((a, b) => a.slot - b.slot);

/** Other names of parameters: what COSMIC calls sequence parallelism is context parallelism to frameworks. */
export const ALIASES: ReadonlyMap<string, ParameterName> = new Map([['workload.cp', 'workload.sp']]);

const byName = new Map<string, ParameterDefinition>(PARAMETERS.map((parameter) => [parameter.name, parameter]));
for (const [alias, name] of ALIASES) byName.set(alias, byName.get(name)!);

/** The parameter of that name or alias, or undefined. */
export function findParameter(name: string): ParameterDefinition | undefined {
  return byName.get(name);
}

/** Numbers in a design. */
export const SLOT_COUNT = Math.max(
  ...PARAMETERS.map(({ slot, perDimension }) => slot + (perDimension ? MAX_DIMENSIONS : 1)),
);

/** First slot of a parameter whose name is data. Throws on an unknown name; names written in code stand in {@link SLOT}. */
export function slotOf(name: string): number {
  const parameter = byName.get(name);
  if (parameter === undefined) throw new Error(`no parameter ${name}`);
  return parameter.slot;
}

/** `of` each row, by stack and name. */
function tableOf(of: (row: ParameterRow) => unknown): unknown {
  const entries = (rows: Readonly<Record<string, ParameterRow>>) =>
    Object.entries(rows).map(([name, row]) => [name, of(row)]);
  return Object.fromEntries(STACKS.map((stack) => [stack, Object.fromEntries(entries(ROWS[stack]))]));
}

type Rows = typeof ROWS;

/**
 * First slot of each parameter in a design.
 *
 * @example
 * design[SLOT.workload.tp];
 * design[SLOT.network.bandwidthGBps + d];
 */
export const SLOT = tableOf(({ slot }) => slot) as {
  readonly [S in Stack]: Readonly<Record<keyof Rows[S], number>>;
};

type CodesOf<Row> = Row extends { readonly categories: ReadonlyMap<infer Name extends string, number> }
  ? Readonly<Record<Name, number>>
  : never;

/**
 * The numbers that stand for the values of each category in a design.
 *
 * @example
 * CODE.network.topology.Ring; // 0
 */
export const CODE = tableOf(({ categories }) => Object.fromEntries(categories ?? [])) as {
  readonly [S in Stack]: { readonly [Name in keyof Rows[S]]: CodesOf<Rows[S][Name]> };
};
