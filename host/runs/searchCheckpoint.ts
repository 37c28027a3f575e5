import { z } from 'zod';
import type { PlainData } from '../../agents/agent.js';
import { CosmicError } from '../../psa/errors.js';
import type { SearchState } from '../search.js';

const state = z.object({
  evaluations: z.number(),
  feasible: z.number(),
  byReason: z.array(z.number()),
  best: z.array(z.object({ objective: z.number(), ordinals: z.array(z.string().regex(/^\d+$/)).min(1) })),
  history: z.array(z.tuple([z.number(), z.number()])),
  agent: z.json(),
});

/** A search's state as plain data. */
export function searchToPlain(search: SearchState): PlainData {
  const { evaluations, feasible, byReason, history, agent } = search;
  const best = search.best.map(({ objective, ordinals }) => ({ objective, ordinals }));
  return { evaluations, feasible, byReason, best, history, agent };
}

/** @throws CosmicError FILE_UNREADABLE */
export function searchFromPlain(plain: PlainData, file: string): SearchState {
  const parsed = state.safeParse(plain);
  if (parsed.success) return parsed.data;
  throw new CosmicError('FILE_UNREADABLE', "the checkpoint is not a search's", { file, remedy: 'start a new run' });
}
