/** Jobs near one: one, two or three switches changed, legal and within memory, evaluated in batches. */
import { OUTPUT, STATUS } from '../../kernels/outputs.js';
import { divisors } from '../../kernels/workload/routing.js';
import { compilePsa } from '../../psa/compile.js';
import { digitsToDesign } from '../../psa/ordinals.js';
import { findParameter, type ParameterName, slotOf } from '../../psa/parameters.js';
import type { Placed, Psa } from '../../psa/psa.js';
import type { CompiledSpace, Gene } from '../../psa/space.js';
import { numberOf, type ParameterSpec, type Scalar } from '../../psa/specs.js';
import type { Evaluator } from '../backends/evaluator.js';
import { type Facts, replicas } from './facts.js';
import { factsOf } from './readConfiguration.js';
import { type Switch, type SwitchValue, switchesOf } from './switches.js';

/** A job whose neighbours are looked for. */
export interface SwitchedJob {
  /** One design. */
  readonly psa: Psa;
  readonly facts: Facts;
  /** Can a parameter be set? */
  readonly isSettable: (name: string) => boolean;
  readonly isLegal: (facts: Facts) => boolean;
  /** What only saves memory is switched where that is lacking. */
  readonly lacksMemory: boolean;
}

/** A job with some switches changed. */
export interface Neighbour {
  /** What is changed: parameters with their values. */
  readonly changed: SwitchValue;
  /** Names of the switches. */
  readonly switches: readonly string[];
  /** SLOT_COUNT numbers. */
  readonly design: Float64Array;
  readonly timeUs: number;
  /** What an allocator reserves, of the NPU with the most. */
  readonly reservedMB: number;
}

/** The most switches that are changed at once. */
export const MOST_SWITCHES = 3;

/** Combinations that are looked at; of jobs with more switches, the first. */
const MOST_TRIED = 60_000;

interface Combination {
  readonly changed: SwitchValue;
  readonly switches: readonly string[];
}

/** All combinations of one switch to `most`. */
function combinations(switches: readonly Switch[], most: number): Combination[] {
  const all: Combination[] = [];
  let level: (Combination & { readonly last: number })[] = [{ changed: {}, switches: [], last: -1 }];
  for (let count = 1; count <= most; count++) {
    level = level.flatMap((before) =>
      switches.flatMap(({ name, values }, i) =>
        i <= before.last
          ? []
          : values.map((value) => ({
              changed: { ...before.changed, ...value },
              switches: [...before.switches, name],
              last: i,
            })),
      ),
    );
    all.push(...level);
    if (all.length > MOST_TRIED) break;
  }
  return all.slice(0, MOST_TRIED);
}

/** The facts of a job with some parameters changed. */
function changedFacts({ npus, model, value }: Facts, changed: SwitchValue): Facts {
  return factsOf(npus, model, (name) => changed[name] ?? value(name));
}

/** A space of the job with all values of all switches. */
function switchSpace(psa: Psa, facts: Facts, switches: readonly Switch[]): CompiledSpace {
  const values = new Map<ParameterName, Set<Scalar>>();
  for (const value of switches.flatMap((one) => one.values)) {
    for (const [name, scalar] of Object.entries(value) as [ParameterName, Scalar][]) {
      values.set(name, (values.get(name) ?? new Set<Scalar>([facts.value(name)])).add(scalar));
    }
  }
  const parameters = new Map<string, Placed<ParameterSpec>>(psa.parameters);
  for (const [name, some] of values) parameters.set(name, { value: { values: [...some] }, place: psa.place });
  // Replicas follow from the other degrees.
  parameters.delete('workload.dp');
  parameters.set('workload.dp', { value: { values: divisors(facts.npus) }, place: psa.place });
  return compilePsa({ ...psa, parameters });
}

/** The row of a gene by the values of its parameters. */
function rowTable({ slots, table, size }: Gene): ReadonlyMap<string, number> {
  return new Map(
    Array.from({ length: size }, (_, row) => [table.slice(row * slots.length, (row + 1) * slots.length).join(), row]),
  );
}

/** Digits of the job with some parameters changed; undefined where the space has no such design. */
function digitsOf(space: CompiledSpace, facts: Facts): (changed: SwitchValue) => number[] | undefined {
  const tables = space.genes.map(rowTable);
  const parameterOf = new Map(
    space.genes.flatMap(({ parameters }) => parameters).map((name) => [slotOf(name), findParameter(name)!] as const),
  );
  return (changed) => {
    const own = changedFacts(facts, changed);
    const value = (slot: number): number => {
      const parameter = parameterOf.get(slot)!;
      if (parameter.name === 'workload.dp') return replicas(own);
      return numberOf(parameter, own.value(parameter.name));
    };
    const digits = space.genes.map(({ slots }, g) => tables[g]!.get(slots.map(value).join()));
    return digits.includes(undefined) ? undefined : (digits as number[]);
  };
}

/**
 * Legal jobs with one to three switches changed that the machine can run, each with its time.
 *
 * @param evaluatorOf makes the evaluator of a space
 * @param most switches changed at once: with two there are a tenth as many as with three
 */
export async function neighbours(
  { psa, facts, isSettable, isLegal, lacksMemory }: SwitchedJob,
  evaluatorOf: (space: CompiledSpace) => Promise<Evaluator>,
  most = MOST_SWITCHES,
): Promise<{ readonly space: CompiledSpace; readonly neighbours: readonly Neighbour[] } | undefined> {
  const switches = switchesOf(facts, isSettable, lacksMemory);
  if (switches.length === 0) return undefined;
  const space = switchSpace(psa, facts, switches);
  const digits = digitsOf(space, facts);
  const legal = combinations(switches, most).flatMap((combination) => {
    if (!isLegal(changedFacts(facts, combination.changed))) return [];
    const own = digits(combination.changed);
    return own === undefined ? [] : [{ ...combination, digits: own }];
  });
  if (legal.length === 0) return undefined;
  const evaluator = await evaluatorOf(space);
  try {
    const all = Uint32Array.from(legal.flatMap((one) => one.digits));
    const { outputs, status } = await evaluator.evaluate({ kind: 'digits', digits: all, count: legal.length });
    const width = outputs.length / legal.length;
    const found = legal.flatMap(({ changed, switches: names, digits: own }, i) => {
      if ((status[i]! & ~STATUS.PRICE) !== 0) return [];
      const [timeUs, reservedMB] = [OUTPUT.timeUs, OUTPUT.reservedMB].map((at) => outputs[i * width + at]!) as [
        number,
        number,
      ];
      return [{ changed, switches: names, design: digitsToDesign(space, own), timeUs, reservedMB }];
    });
    return { space, neighbours: found };
  } finally {
    await evaluator.close();
  }
}
