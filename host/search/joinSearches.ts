import { insertIntoFront } from '../../kernels/reduce/front.js';
import { addTie, capacityOf } from './scoreboard.js';
import type { FrontMember, SearchState } from './searchState.js';

/** What several searches of the same space and goal came to together. */
export type JoinedState = Omit<SearchState, 'agent' | 'history'>;

/** Adds up what searches counted; keeps the best designs of all, and the front of their fronts. */
export function joinStates(states: readonly SearchState[], top: number): JoinedState {
  const sum = (numbersOf: (state: SearchState) => readonly number[]) =>
    states.map(numbersOf).reduce((total, numbers) => total.map((value, i) => value + (numbers[i] ?? 0)));
  const tiers = new Map<number, string[]>();
  for (const { objective, ordinals } of states.flatMap(({ best }) => best)) {
    const known = tiers.get(objective) ?? [];
    for (const ordinal of ordinals) addTie(known, ordinal);
    tiers.set(objective, known);
  }
  const front: FrontMember[] = [];
  for (const member of states.flatMap((state) => state.front)) insertIntoFront(front, member);
  const [evaluations, feasible] = sum((state) => [state.evaluations, state.feasible]) as [number, number];
  return {
    evaluations,
    feasible,
    byReason: sum(({ byReason }) => byReason),
    byLimit: sum(({ byLimit }) => byLimit),
    best: [...tiers]
      .map(([objective, ordinals]) => ({ objective, ordinals }))
      .sort((a, b) => a.objective - b.objective)
      .slice(0, capacityOf(top)),
    front,
  };
}
