import { type Objective, parseObjective } from '../../kernels/objective/objective.js';
import { type Baseline, baselineOf } from '../baseline.js';
import { type JoinedState, joinStates } from '../joinSearches.js';
import { type Limit, parseLimit } from '../limits.js';
import type { SearchSettings } from '../runs/manifest.js';
import type { RunFolder } from '../runs/runFolder.js';
import type { SearchState } from '../searchState.js';
import { frontWinners, searchWinners, type Winner } from '../winners.js';
import type { OpenSpace } from './space.js';

/** One search of a run: a run that was merged has several. */
export interface SearchPart {
  readonly settings: SearchSettings;
  readonly state: SearchState;
}

/** What a search's report is about. */
export interface SearchContext extends OpenSpace {
  readonly run: RunFolder;
}

/** What a search found, or several of the same space and goal together, ready to be shown. */
export interface SearchOutcome {
  readonly parts: readonly SearchPart[];
  readonly state: JoinedState;
  /** The first ranks. */
  readonly objectives: readonly Objective[];
  readonly limits: readonly Limit[];
  /** Best first, evaluated in f64. */
  readonly winners: readonly Winner[];
  /** With several objectives: the designs that none beats in all, by the first. */
  readonly pareto: readonly Winner[];
  readonly baseline: Baseline | undefined;
}

/** The objectives and limits of a search's settings. */
export function readGoals({ objective, moreObjectives = [], constraints = [] }: SearchSettings) {
  return { objectives: [objective, ...moreObjectives].map(parseObjective), limits: constraints.map(parseLimit) };
}

/**
 * What searches come to, evaluated in f64.
 *
 * @param parts at least one, all of one goal
 */
export function searchOutcome(
  { space, psa }: Pick<OpenSpace, 'space' | 'psa'>,
  parts: readonly SearchPart[],
): SearchOutcome {
  const { objectives, limits } = readGoals(parts[0]!.settings);
  const top = Math.max(...parts.map(({ settings }) => settings.top));
  const state = joinStates(
    parts.map((part) => part.state),
    top,
  );
  return {
    parts,
    state,
    objectives,
    limits,
    winners: searchWinners(space, state, objectives[0]!, top, { moreObjectives: objectives.slice(1), limits }),
    pareto: frontWinners(space, state, objectives, limits),
    baseline: baselineOf(psa, objectives),
  };
}
