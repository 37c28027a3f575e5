import { z } from 'zod';
import type { PlainData } from '../../agents/agent.js';
import { STATUSES } from '../../kernels/outputs.js';
import { readPlain } from '../../psa/plainData.js';
import { capacityOf, MAX_TIES } from '../search/scoreboard.js';
import type { SearchState } from '../search/searchState.js';
import type { SearchSettings } from './manifest.js';
import { unreadable } from './unreadable.js';
import { wholeBelow } from './wholeText.js';

/** What a state of a search with these settings is like, over so many designs. Its agent looks at the agent's part itself. */
function stateSchema({ evaluations, top, moreObjectives = [], constraints = [] }: SearchSettings, designs: bigint) {
  const count = z.int().min(0).max(evaluations);
  const ordinal = wholeBelow(designs);
  return z
    .strictObject({
      evaluations: count,
      feasible: count,
      byReason: z.array(count).length(STATUSES.length),
      byLimit: z.array(count).length(constraints.length),
      best: z
        .array(z.strictObject({ objective: z.number(), ordinals: z.array(ordinal).min(1).max(MAX_TIES) }))
        .max(capacityOf(top)),
      history: z.array(z.tuple([count, z.number()])),
      front: z.array(z.strictObject({ objectives: z.array(z.number()).length(1 + moreObjectives.length), ordinal })),
      agent: z.custom<PlainData>(),
    })
    .refine(
      ({ evaluations, feasible, byReason, byLimit }) => Math.max(feasible, ...byReason, ...byLimit) <= evaluations,
      'more designs are counted than were evaluated',
    )
    .refine(({ best }) => isRising(best.map(({ objective }) => objective)), 'the best designs are not in order')
    .refine(
      ({ evaluations, history }) =>
        isRising([...history.map(([at]) => at), evaluations]) && isRising(history.map(([, objective]) => -objective)),
      'the gains are not in order',
    );
}

function isRising(numbers: readonly number[]): boolean {
  return numbers.every((number, i) => i === 0 || numbers[i - 1]! <= number);
}

/** A search's state as plain data. */
export function searchToPlain(search: SearchState): PlainData {
  const { evaluations, feasible, byReason, byLimit, history, agent } = search;
  const best = search.best.map(({ objective, ordinals }) => ({ objective, ordinals }));
  const front = search.front.map(({ objectives, ordinal }) => ({ objectives, ordinal }));
  return { evaluations, feasible, byReason, byLimit, best, history, front, agent };
}

/** The states of joined searches as plain data. */
export function searchesToPlain(searches: readonly SearchState[]): PlainData[] {
  return searches.map(searchToPlain);
}

/**
 * The states of joined searches.
 *
 * @throws CosmicError FILE_UNREADABLE where they are not of searches with these settings, over so many designs
 */
export function searchesFromPlain(
  plain: PlainData,
  searches: readonly SearchSettings[],
  designs: bigint,
  file: string,
): SearchState[] {
  const states = Array.isArray(plain) ? (plain as readonly PlainData[]) : [];
  if (states.length !== searches.length) {
    throw unreadable('search', `there are ${states.length} searches in it, and not ${searches.length}`, file);
  }
  return searches.map((settings, i) => searchFromPlain(states[i]!, settings, designs, file));
}

/** @throws CosmicError FILE_UNREADABLE where it is not of a search with these settings, over so many designs */
export function searchFromPlain(
  plain: PlainData,
  settings: SearchSettings,
  designs: bigint,
  file: string,
): SearchState {
  return readPlain(stateSchema(settings, designs), plain, (why) => unreadable('search', why, file));
}
