import { CosmicError } from '../../psa/errors.js';
import type { RunFolder } from './runFolder.js';

/** How runs of one kind tell what they hold. */
export interface Joinable<T> {
  /** @throws CosmicError RUN_MISMATCH where the run is of another kind */
  readonly partsOf: (run: RunFolder) => readonly T[];
  /** What parts that are joined must have in common. */
  readonly goalOf: (part: T) => string;
  /** What makes two parts the same one. */
  readonly identityOf: (part: T) => string;
  /** Which part comes first. */
  readonly order: (a: T, b: T) => number;
  /** For people: `search (ga, seed 0)`. */
  readonly nameOf: (part: T) => string;
}

function mismatch(message: string, { path }: RunFolder, remedy: string): CosmicError {
  return new CosmicError('RUN_MISMATCH', message, { file: path, remedy });
}

/**
 * What several runs hold, in the order of the parts, in whatever order the runs are named.
 *
 * @param runs at least one
 * @throws CosmicError RUN_MISMATCH where they are not about the same space and goal, or a part is there twice
 */
export function joinRuns<T>(
  runs: readonly RunFolder[],
  { partsOf, goalOf, identityOf, order, nameOf }: Joinable<T>,
): readonly T[] {
  const first = runs[0]!;
  const joined: T[] = [];
  const seen = new Set<string>();
  const other = (run: RunFolder) =>
    mismatch(`the run is not about the same space and objective as ${first.path}`, run, 'take it by itself');
  for (const run of runs) {
    if (run.manifest.space.fingerprint !== first.manifest.space.fingerprint) throw other(run);
    for (const part of partsOf(run)) {
      if (goalOf(part) !== goalOf(joined[0] ?? part)) throw other(run);
      if (seen.has(identityOf(part))) {
        throw mismatch(`the same ${nameOf(part)} is there twice`, run, 'leave one of them out');
      }
      seen.add(identityOf(part));
      joined.push(part);
    }
  }
  return joined.sort(order);
}
