import { type Constraint, constraintsOf } from './constraints.js';
import { Budget, feasibleTuples, type Group, listed, type Tuple } from './enumerate.js';
import { CosmicError, excerpt } from './errors.js';
import { FACT_STACKS, MAX_DIMENSIONS, SLOT, SLOT_COUNT, type Stack } from './parameters.js';
import type { Psa } from './psa.js';
import type { CompiledSpace, Gene } from './space.js';
import { scalarOf } from './specs.js';
import { tiersOf } from './system.js';
import { type Variable, variablesOf } from './variables.js';

/** Values of all variables that cannot vary; network dimensions beyond those in use have one NPU. */
function fixedDesign(variables: readonly Variable[], dimensions: number): Float64Array {
  const fixed = new Float64Array(SLOT_COUNT);
  const npus = SLOT.network.npus;
  fixed.fill(1, npus + dimensions, npus + MAX_DIMENSIONS);
  for (const { slots, values } of variables) {
    if (values.length === 1) for (const slot of slots) fixed[slot] = values[0]!;
  }
  return fixed;
}

function overlaps(variable: Variable, slots: ReadonlySet<number>): boolean {
  return variable.slots.some((slot) => slots.has(slot));
}

/** Groups of variables that constraints tie together, directly or through others; in the order of their first variables. */
function grouped(variables: readonly Variable[], constraints: readonly Constraint[]): Group[] {
  let groups: Group[] = variables.map((variable) => ({ variables: [variable], constraints: [] }));
  for (const constraint of constraints) {
    const tied = groups.filter((group) => group.variables.some((variable) => overlaps(variable, constraint.slots)));
    if (tied.length === 0) continue;
    const merged = {
      variables: variables.filter((variable) => tied.some((group) => group.variables.includes(variable))),
      constraints: [...tied.flatMap((group) => group.constraints), constraint],
    };
    groups = groups.flatMap((group) => (group === tied[0] ? [merged] : tied.includes(group) ? [] : [group]));
  }
  return groups;
}

/** Whose parameters change slowest in the order of the ordinals; see {@link CompiledSpace}. */
const STACKS: readonly Stack[] = ['workload', 'compute', 'collective', 'network', ...FACT_STACKS];

/** Groups by the stack of their first variable, and within a stack in the order of those. */
function slowestFirst(groups: readonly Group[]): Group[] {
  return STACKS.flatMap((stack) => groups.filter(({ variables }) => variables[0]!.parameter.stack === stack));
}

function empty(constraint: Constraint, group: Group | undefined, variables: readonly Variable[]): CosmicError {
  const given = variables.filter((variable) => variable.values.length === 1 && overlaps(variable, constraint.slots));
  const givens = given
    .slice(0, 6)
    .map(({ name, parameter, values }) => `${name} = ${scalarOf(parameter, values[0]!)}`)
    .join(', ');
  const open = group && listed(group.variables);
  const others =
    group !== undefined && group.constraints.length > 1 ? ', along with the other constraints on them' : '';
  const what =
    open === undefined
      ? `'${excerpt(constraint.text)}' does not hold`
      : `no values of ${open} satisfy '${excerpt(constraint.text)}'`;
  const where = givens === '' ? '' : `, with ${givens}`;
  return new CosmicError('SPACE_EMPTY', `the space is empty: ${what}${others}${where}`, {
    ...constraint.place,
    remedy: 'give other values to the parameters in it; those that nothing sets have the default of the system',
  });
}

/** The constraint that leaves nothing: the first that does together with those before it. Those before it leave something. */
function culprit(group: Group, fixed: Float64Array, budget: Budget): Constraint {
  const { constraints } = group;
  const leaves = (count: number) =>
    feasibleTuples({ ...group, constraints: constraints.slice(0, count) }, fixed, budget, 1).length > 0;
  let [some, none] = [0, constraints.length];
  while (none - some > 1) {
    const middle = Math.floor((some + none) / 2);
    if (leaves(middle)) some = middle;
    else none = middle;
  }
  return constraints[none - 1]!;
}

function unconstrainedSize(group: Group): number {
  return group.variables.reduce((size, { values, derived }) => (derived ? size : size * values.length), 1);
}

function tableOf(variables: readonly Variable[], tuples: readonly Tuple[], width: number): Float64Array {
  const table = new Float64Array(tuples.length * width);
  let place = 0;
  for (const digits of tuples) {
    for (let i = 0; i < variables.length; i++) {
      const { slots, values } = variables[i]!;
      const value = values[digits[i]!]!;
      for (let slot = 0; slot < slots.length; slot++) table[place++] = value;
    }
  }
  return table;
}

function geneOf(group: Group, tuples: readonly Tuple[]): Gene {
  const { variables } = group;
  const slots = variables.flatMap((variable) => variable.slots);
  return {
    name: variables.map(({ name }) => name).join(' × '),
    parameters: variables.map(({ name }) => name),
    scale: variables.length === 1 ? variables[0]!.parameter.scale : 'tuple',
    size: tuples.length,
    unconstrainedSize: unconstrainedSize(group),
    slots,
    table: tableOf(variables, tuples, slots.length),
  };
}

/**
 * Compiles a PsA: parameters that share a constraint become one gene with a row for each feasible tuple, so that every
 * ordinal of the space is structurally valid. Genes of one value become part of `fixed`.
 *
 * @throws CosmicError SPACE_EMPTY (names the constraint), CONSTRAINT_SYNTAX, CONSTRAINT_TOO_LARGE, VALUE_OUT_OF_RANGE
 * @example
 * compilePsa(loadPsa('cosmic-full')).count; // 18977587200000n
 */
export function compilePsa(psa: Psa): CompiledSpace {
  return compileConstrained(psa, constraintsOf(psa));
}

/** Where the facts of a space are from: who says some of a part goes before who said it earlier, and an override has no source. */
function factSourcesOf({ system, factSources, parameters, overrides }: Psa): Pick<CompiledSpace, 'factSources'> {
  const sources = FACT_STACKS.flatMap((stack) => {
    const saysSome = (name: string) => name.startsWith(`${stack}.`);
    if (overrides.some(saysSome)) return [];
    const source = [...parameters.keys()].some(saysSome) ? factSources?.[stack] : system.factSources[stack];
    return source === undefined ? [] : [[stack, source] as const];
  });
  return sources.length === 0 ? {} : { factSources: Object.fromEntries(sources) };
}

/** As {@link compilePsa}, under these constraints alone; several compilations may share a budget. */
export function compileConstrained(psa: Psa, constraints: readonly Constraint[], budget = new Budget()): CompiledSpace {
  const variables = variablesOf(psa);
  const fixed = fixedDesign(variables, psa.dimensions);
  const open = variables.filter(({ values }) => values.length > 1);
  const broken = constraints.find(
    (constraint) => !open.some((variable) => overlaps(variable, constraint.slots)) && !constraint.holds(fixed),
  );
  if (broken !== undefined) throw empty(broken, undefined, variables);
  const genes: Gene[] = [];
  for (const group of slowestFirst(grouped(open, constraints))) {
    const tuples = feasibleTuples(group, fixed, budget);
    if (tuples.length === 0) throw empty(culprit(group, fixed, budget), group, variables);
    const gene = geneOf(group, tuples);
    if (gene.size > 1) genes.push(gene);
    else
      gene.slots.forEach((slot, i) => {
        fixed[slot] = gene.table[i]!;
      });
  }
  return {
    name: psa.name,
    systemName: psa.system.name,
    overrides: psa.overrides,
    npus: psa.system.npus,
    dimensions: psa.dimensions,
    workload: psa.workload,
    genes,
    count: genes.reduce((count, { size }) => count * BigInt(size), 1n),
    fixed,
    tiers: psa.dimensions === psa.system.dimensions ? psa.system.tiers : tiersOf(psa.dimensions),
    ...factSourcesOf(psa),
  };
}
