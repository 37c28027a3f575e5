import { z } from 'zod';
import type { PlainData } from '../../agents/agent.js';
import { CosmicError } from '../../psa/errors.js';
import type { SearchState } from '../search/searchState.js';

const ordinal = z.string().regex(/^\d+$/);

const state = z.object({
  evaluations: z.number(),
  feasible: z.number(),
  byReason: z.array(z.number()),
  byLimit: z.array(z.number()).default([]),
  best: z.array(z.object({ objective: z.number(), ordinals: z.array(ordinal).min(1) })),
  history: z.array(z.tuple([z.number(), z.number()])),
  front: z.array(z.object({ objectives: z.array(z.number()), ordinal })).default([]),
  agent: z.json(),
});

/** A search's state as plain data. */
export function searchToPlain(search: SearchState): PlainData {
  const { evaluations, feasible, byReason, byLimit, history, agent } = search;
  const best = search.best.map(({ objective, ordinals }) => ({ objective, ordinals }));
  const front = search.front.map(({ objectives, ordinal }) => ({ objectives, ordinal }));
  return { evaluations, feasible, byReason, byLimit, best, history, front, agent };
}

/** The states of joined searches as plain data. */
export function searchesToPlain(searches: readonly SearchState[]): PlainData {
  return searches.map(searchToPlain);
}

/** @throws CosmicError FILE_UNREADABLE */
export function searchesFromPlain(plain: PlainData, file: string): SearchState[] {
  return (Array.isArray(plain) ? plain : [plain]).map((search) => searchFromPlain(search, file));
}

/** @throws CosmicError FILE_UNREADABLE */
export function searchFromPlain(plain: PlainData, file: string): SearchState {
  const parsed = state.safeParse(plain);
  if (parsed.success) return parsed.data;
  throw new CosmicError('FILE_UNREADABLE', "the checkpoint is not a search's", { file, remedy: 'start a new run' });
}
