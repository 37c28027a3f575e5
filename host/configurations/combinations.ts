/** Combinations of a job's switches: which are legal, and where a space has them. Thousands differ in few values that a rule or a gene looks at. */
import { findParameter, type ParameterName, slotOf } from '../../psa/parameters.js';
import type { CompiledSpace, Gene } from '../../psa/space.js';
import { numberOf } from '../../psa/specs.js';
import { type Facts, replicas } from './facts.js';
import { factsOf } from './readConfiguration.js';
import { type Answered, remembered, type ValueOf } from './remembered.js';
import type { Switch, SwitchValue } from './switches.js';

/** Combinations of one number of switches that are looked at; of jobs with more, the first. */
const MOST_TRIED = 60_000;

/** A job with some switches changed that is legal and a design of the space. */
export interface LegalJob {
  /** What is changed: parameters with their values. */
  readonly changed: SwitchValue;
  /** Names of the switches. */
  readonly switches: readonly string[];
  /** One per gene. */
  readonly digits: readonly number[];
}

interface Combination extends Pick<LegalJob, 'changed' | 'switches'> {
  /** The place of the last switch that is changed. */
  readonly last: number;
  readonly legal: Answered<boolean>;
  /** Of each gene its digit; undefined where it has none for the values. */
  readonly digits: readonly Answered<number | undefined>[];
}

/** One of a switch's values. */
interface Change {
  readonly change: SwitchValue;
  readonly names: readonly ParameterName[];
  /** Of the switch, and its place among them. */
  readonly name: string;
  readonly place: number;
}

/** The row of a gene by the values of its parameters. */
function rowTable({ slots, table, size }: Gene): ReadonlyMap<string, number> {
  return new Map(
    Array.from({ length: size }, (_, row) => [table.slice(row * slots.length, (row + 1) * slots.length).join(), row]),
  );
}

/** The digit of a gene by a job's values. */
function digitOf(gene: Gene, { npus, model }: Facts): (value: ValueOf) => Answered<number | undefined> {
  const table = rowTable(gene);
  const parameterOf = new Map(gene.parameters.map((name) => [slotOf(name), findParameter(name)!]));
  return remembered((value) => {
    const number = (slot: number): number => {
      const parameter = parameterOf.get(slot)!;
      if (parameter.name === 'workload.dp') return replicas(factsOf(npus, model, value));
      return numberOf(parameter, value(parameter.name));
    };
    return table.get(gene.slots.map(number).join());
  });
}

/** The answer after a change: the same where it does not depend on what is changed. */
function after<Answer>(
  before: Answered<Answer>,
  changed: readonly ParameterName[],
  ask: () => Answered<Answer>,
): Answered<Answer> {
  return changed.some((name) => before.read.has(name)) ? ask() : before;
}

/**
 * The legal jobs with so many switches of one job changed.
 *
 * @param space has the job with all values of all switches
 */
export function legalJobs(
  space: CompiledSpace,
  { facts, isLegal }: { readonly facts: Facts; readonly isLegal: (facts: Facts) => boolean },
  switches: readonly Switch[],
): (count: number) => LegalJob[] {
  const legalOf = remembered((value) => isLegal(factsOf(facts.npus, facts.model, value)));
  const digitOfGene = space.genes.map((gene) => digitOf(gene, facts));
  const none: Combination = {
    changed: {},
    switches: [],
    last: -1,
    legal: legalOf(facts.value),
    digits: digitOfGene.map((digit) => digit(facts.value)),
  };

  const changes = switches.map(({ name, values }, place) =>
    values.map((change): Change => ({ change, names: Object.keys(change) as ParameterName[], name, place })),
  );
  /** Those of the switches from a place on. */
  const changesFrom = [...changes, []].map((_, place) => changes.slice(place).flat());
  const valueAfter =
    ({ changed }: Combination, { change }: Change): ValueOf =>
    (name) =>
      change[name] ?? changed[name] ?? facts.value(name);
  const legalAfter = (before: Combination, one: Change): Answered<boolean> =>
    after(before.legal, one.names, () => legalOf(valueAfter(before, one)));
  const withChange = (before: Combination, one: Change, legal: Answered<boolean>): Combination => ({
    changed: { ...before.changed, ...one.change },
    switches: [...before.switches, one.name],
    last: one.place,
    legal,
    digits: before.digits.map((digit, gene) =>
      after(digit, one.names, () => digitOfGene[gene]!(valueAfter(before, one))),
    ),
  });

  /** All with so many switches changed: with one more those that are illegal may be legal. */
  const combinations: Combination[][] = [[none]];
  const changing = (count: number): readonly Combination[] => {
    combinations[count] ??= changing(count - 1).flatMap((before) =>
      changesFrom[before.last + 1]!.map((one) => withChange(before, one, legalAfter(before, one))),
    );
    return combinations[count];
  };

  return (count) => {
    const jobs: LegalJob[] = [];
    let tried = 0;
    for (const before of changing(count - 1)) {
      for (const one of changesFrom[before.last + 1]!) {
        if (tried === MOST_TRIED) return jobs;
        tried++;
        // Most are illegal, and nothing else is asked of them.
        const legal = legalAfter(before, one);
        if (!legal.answer) continue;
        const { changed, switches: names, digits: answered } = withChange(before, one, legal);
        const digits = answered.map(({ answer }) => answer);
        if (!digits.includes(undefined)) jobs.push({ changed, switches: names, digits: digits as number[] });
      }
    }
    return jobs;
  };
}
