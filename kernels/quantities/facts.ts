/** Which facts a space lacks for what is asked of it. */
import { CosmicError } from '../../psa/errors.js';
import { type ParameterName, slotOf } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { Goal } from '../objective/goal.js';
import { OUTPUT, OUTPUTS, type OutputDefinition, type OutputName, QUANTITIES } from '../outputs.js';
import { DERIVED_ROWS } from './catalogue.js';
import { derivedRows, spaceFormulas } from './formula.js';

/** Is a fact known of every design? */
function isKnown({ genes, fixed }: CompiledSpace, slot: number): boolean {
  const gene = genes.find(({ slots }) => slots.includes(slot));
  if (gene === undefined) return fixed[slot]! > 0;
  const { slots, table } = gene;
  const column = slots.indexOf(slot);
  return table.every((value, place) => place % slots.length !== column || value > 0);
}

/**
 * The facts that a space does not know and without which a derived output has no value: `power.npuBusyW`; where one of two is enough,
 * `prices.npuHourUsd or prices.npuUsd`. None of other outputs.
 *
 * @example
 * missingFacts(space, 'days'); // ['job.tokens']
 */
export function missingFacts(space: CompiledSpace, output: OutputName): string[] {
  const place = DERIVED_ROWS.findIndex(({ name }) => name === output);
  if (place < 0) return [];
  const { needs } = DERIVED_ROWS[place]!;
  return needs.filter((_, i) => !derivedRows()[place]!.needs[i]!.some((slot) => isKnown(space, slot)));
}

/**
 * The facts that what a goal names derives from and that are the same for every design: `job.tokens`, `prices.npuHourUsd`.
 */
export function factsOf(space: CompiledSpace, { named }: Pick<Goal, 'named'>): ParameterName[] {
  const needs = DERIVED_ROWS.filter(({ name }) => named.has(name)).flatMap((row) => row.needs);
  const names = new Set(needs.flatMap((need) => need.split(' or ') as ParameterName[]));
  const isFixed = (slot: number) => space.fixed[slot]! > 0 && !space.genes.some(({ slots }) => slots.includes(slot));
  return [...names].filter((name) => isFixed(slotOf(name)));
}

/** The outputs that designs of a space may have a value of, in their order: those that lack no fact. */
export function toldOutputs(space: CompiledSpace): OutputDefinition[] {
  const derived = new Set<string>(spaceFormulas(space).map(({ name }) => name));
  return OUTPUTS.filter(({ name, combine }) => combine !== 'derived' || derived.has(name));
}

/**
 * Checks that what a goal names has a value.
 *
 * @throws CosmicError ARGUMENT with the quantity and the facts that it lacks
 */
export function requireFacts(space: CompiledSpace, { objectives, limits }: Pick<Goal, 'objectives' | 'limits'>): void {
  const named = QUANTITIES.filter(
    ({ output }) =>
      objectives.some(({ terms }) => terms.some((term) => term.output === output)) ||
      limits.some((limit) => limit.output === OUTPUT[output]),
  );
  for (const { name, output } of named) {
    const [missing, ...others] = missingFacts(space, output);
    if (missing === undefined) continue;
    const more = others.length === 0 ? '' : `, nor ${others.join(', ')}`;
    throw new CosmicError('ARGUMENT', `'${name}' has no value: ${missing} is not known${more}`, {
      remedy: `say it in the system's file or the PsA, or --set ${missing.split(' or ')[0]}=…; docs/money.md`,
    });
  }
}
