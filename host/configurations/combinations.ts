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

  const withSwitch = (before: Combination, place: number, change: SwitchValue): Combination => {
    const names = Object.keys(change) as ParameterName[];
    const changed = { ...before.changed, ...change };
    const value: ValueOf = (name) => changed[name] ?? facts.value(name);
    return {
      changed,
      switches: [...before.switches, switches[place]!.name],
      last: place,
      legal: after(before.legal, names, () => legalOf(value)),
      digits: before.digits.map((digit, gene) => after(digit, names, () => digitOfGene[gene]!(value))),
    };
  };
  const withOneMore = (before: Combination): Combination[] =>
    switches.flatMap(({ values }, place) =>
      place <= before.last ? [] : values.map((change) => withSwitch(before, place, change)),
    );

  return (count) => {
    let all = [none];
    for (let changed = 1; changed <= count; changed++) all = all.flatMap(withOneMore);
    return all.slice(0, MOST_TRIED).flatMap(({ changed, switches: names, legal, digits: answered }) => {
      const digits = answered.map(({ answer }) => answer);
      if (!legal.answer || digits.includes(undefined)) return [];
      return [{ changed, switches: names, digits: digits as number[] }];
    });
  };
}
