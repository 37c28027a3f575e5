import { CosmicError } from '../../psa/errors.js';
import type { SearchSettings } from '../runs/manifest.js';
import type { RunFolder } from '../runs/runFolder.js';
import { searchesFromPlain, searchFromPlain } from '../runs/searchCheckpoint.js';
import type { SearchPart } from './searchOutcome.js';

/** @throws CosmicError RUN_MISMATCH where a run has none yet */
export function requireCheckpoint(run: RunFolder) {
  const checkpoint = run.readCheckpoint();
  if (checkpoint !== undefined) return checkpoint;
  throw new CosmicError('RUN_MISMATCH', 'the run has no results yet', {
    file: run.path,
    remedy: `go on with it by cosmic ${run.manifest.settings.kind} --resume ${run.path}`,
  });
}

/**
 * The searches of a run.
 *
 * @throws CosmicError RUN_MISMATCH where it is a sweep
 */
export function searchParts(run: RunFolder): SearchPart[] {
  const { settings } = run.manifest;
  if (settings.kind === 'search') return [{ settings, state: searchFromPlain(requireCheckpoint(run), run.path) }];
  if (settings.kind === 'searches') {
    const states = searchesFromPlain(requireCheckpoint(run), run.path);
    return settings.searches.flatMap((search, i) =>
      states[i] === undefined ? [] : { settings: search, state: states[i] },
    );
  }
  throw new CosmicError('RUN_MISMATCH', `the run is a ${settings.kind}, not a search`, {
    file: run.path,
    remedy: 'name searches only, or one run',
  });
}

function goalOf({ objective, moreObjectives = [], constraints = [] }: SearchSettings): string {
  return [objective, ...moreObjectives, ...constraints].join('; ');
}

function mismatch(message: string, run: RunFolder, remedy: string): CosmicError {
  return new CosmicError('RUN_MISMATCH', message, { file: run.path, remedy });
}

/** What makes two searches the same one, however far each has got. */
function identityOf({ evaluations: _, patience: __, top: ___, ...identity }: SearchSettings): string {
  return JSON.stringify(identity);
}

/**
 * The searches of several runs.
 *
 * @throws CosmicError RUN_MISMATCH where they are not about the same space and goal, or one is there twice
 */
export function joinedParts(runs: readonly RunFolder[]): SearchPart[] {
  const first = runs[0]!;
  const other = (run: RunFolder) =>
    mismatch(`the run is not about the same space and objective as ${first.path}`, run, 'take it by itself');
  const joined: SearchPart[] = [];
  const seen = new Set<string>();
  for (const run of runs) {
    if (run.manifest.space.fingerprint !== first.manifest.space.fingerprint) throw other(run);
    for (const part of searchParts(run)) {
      const { settings } = part;
      if (goalOf(settings) !== goalOf((joined[0] ?? part).settings)) throw other(run);
      if (seen.has(identityOf(settings))) {
        const { agent, seed } = settings;
        throw mismatch(`the same search is there twice: ${agent}, seed ${seed}`, run, 'leave one of them out');
      }
      seen.add(identityOf(settings));
      joined.push(part);
    }
  }
  return joined;
}
