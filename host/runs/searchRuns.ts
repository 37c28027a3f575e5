/** Runs that are searches: their checkpoints read back, several joined, and what they found. */
import { CosmicError } from '../../psa/errors.js';
import { baselineOf } from '../designs/baseline.js';
import { nearestToFeasible } from '../optimum/nearest.js';
import { joinStates } from '../search/joinSearches.js';
import { isAtEnd } from '../search/searchState.js';
import { frontWinners, searchWinners, winnerEvaluator } from '../search/winners.js';
import type { Findings, RunSearch } from './findings.js';
import { type Joinable, joinRuns } from './joining.js';
import type { OpenSpace } from './openSpace.js';
import { robustFinding } from './robustFinding.js';
import { type RunFolder, requireCheckpoint } from './runFolder.js';
import { searchesFromPlain, searchFromPlain } from './searchCheckpoint.js';
import { goalOf } from './settings.js';

/** Designs of one tier that are kept: more differ in parameters without effect. */
const KEPT_PER_TIER = 3;

/** Did the search come to its end? */
export function isFinished({
  settings,
  state: { evaluations, history },
}: Pick<RunSearch, 'settings' | 'state'>): boolean {
  const [gainAt, smallest] = history.at(-1) ?? [0, undefined];
  return isAtEnd(settings, { evaluations, sinceGain: evaluations - gainAt, smallest });
}

/**
 * The searches of a run.
 *
 * @throws CosmicError RUN_MISMATCH where it is a sweep or has no results yet
 */
export function searchesOf(run: RunFolder): RunSearch[] {
  const { settings, backend, space } = run.manifest;
  const designs = BigInt(space.count);
  if (settings.kind === 'search') {
    return [{ settings, backend, state: searchFromPlain(requireCheckpoint(run), settings, designs, run.path) }];
  }
  if (settings.kind === 'searches') {
    const states = searchesFromPlain(requireCheckpoint(run), settings.searches, designs, run.path);
    return settings.searches.map(({ backend: own = backend, ...search }, i) => ({
      settings: search,
      backend: own,
      state: states[i]!,
    }));
  }
  throw new CosmicError('RUN_MISMATCH', 'the run is a sweep, not a search', {
    file: run.path,
    remedy: 'take searches with searches, and sweeps with sweeps',
  });
}

/** The searches of a run as something to join: two that differ in how far they went alone are the same. */
const SEARCHES: Joinable<RunSearch> = {
  partsOf: searchesOf,
  goalOf: ({ settings: { objective, moreObjectives = [], constraints = [] } }) =>
    [objective, ...moreObjectives, ...constraints].join('; '),
  identityOf: ({
    settings: { evaluations: _, patience: __, target: ___, top: ____, prove: _____, robust: ______, ...identity },
  }) => JSON.stringify(identity),
  order: ({ settings: a }, { settings: b }) => a.agent.localeCompare(b.agent) || a.seed - b.seed,
  nameOf: ({ settings: { agent, seed } }) => `search (${agent}, seed ${seed})`,
};

/**
 * The searches of several runs.
 *
 * @throws CosmicError RUN_MISMATCH where they are not about the same space and goal, or one is there twice
 */
export function joinSearches(runs: readonly RunFolder[]): readonly RunSearch[] {
  return joinRuns(runs, SEARCHES);
}

/**
 * What searches come to.
 *
 * @param searches at least one, all of one goal
 */
export function searchFindings({ space, psa }: OpenSpace, searches: readonly RunSearch[]): Findings {
  const { settings } = searches[0]!;
  const goal = goalOf(space, settings);
  const top = Math.max(...searches.map((search) => search.settings.top));
  const state = joinStates(
    searches.map((search) => search.state),
    top,
  );
  const evaluate = winnerEvaluator(space, goal);
  const winners = searchWinners(space, state, goal, top);
  return {
    goal,
    winners,
    ...robustFinding(space, goal, winners, settings),
    kept: state.best.flatMap(({ ordinals }) =>
      ordinals.slice(0, KEPT_PER_TIER).flatMap((ordinal) => evaluate(BigInt(ordinal), ordinals.length) ?? []),
    ),
    pareto: frontWinners(space, state, goal),
    searches,
    sweeps: [],
    evaluated: BigInt(state.evaluations),
    feasible: BigInt(state.feasible),
    byReason: state.byReason.map(BigInt),
    byLimit: state.byLimit,
    nearest: state.feasible === 0 ? nearestToFeasible(space, goal) : undefined,
    finished: searches.every(isFinished),
    baseline: baselineOf(psa, goal.objectives),
  };
}
