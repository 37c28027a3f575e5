import { CosmicError } from '../../psa/errors.js';
import type { Findings } from './findings.js';
import type { Manifest } from './manifest.js';
import { type OpenSpace, reopenSpace } from './openSpace.js';
import { proofFindings, proofOf } from './proofRuns.js';
import { provenSearchFindings } from './provenSearch.js';
import { RunFolder } from './runFolder.js';
import { joinSearches, searchFindings } from './searchRuns.js';
import { joinSweeps, sweepFindings } from './sweepRuns.js';

/** A run and what it came to. */
export interface RunResult extends OpenSpace, Findings {
  /** Its folder. */
  readonly path: string;
  /** Of all runs that are shown together, this one first. */
  readonly paths: readonly string[];
  readonly manifest: Manifest;
}

/**
 * Reads a run that sweep, search, start or merge wrote, or `advanceRun`, finished or not: all its designs are evaluated again in f64.
 *
 * @param others further searches, or further sweeps, of the same space and goal: what all of them found together
 * @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE, RUN_MISMATCH where it has no results yet, or the others do not belong
 * to it
 * @example
 * const { winners, goal } = readRun('runs/mine');
 * console.log(winners[0]?.objectives[0], goal.first.unit);
 */
export function readRun(path: string, ...others: readonly string[]): RunResult {
  const paths = [path, ...others];
  const runs = paths.map((one) => RunFolder.open(one));
  const { manifest } = runs[0]!;
  const open = reopenSpace(manifest.space, path);
  return { ...open, ...findingsOf(runs, open), path, paths, manifest };
}

function findingsOf(runs: readonly RunFolder[], open: OpenSpace): Findings {
  const first = runs[0]!;
  const { settings } = first.manifest;
  if (settings.kind === 'sweep') return sweepFindings(open, joinSweeps(runs));
  if (settings.kind === 'proof') return proofFindings(open, proofOf(aloneOf(runs), open));
  if (settings.kind === 'search' && settings.prove === true && runs.length === 1) {
    return provenSearchFindings(open, first, settings);
  }
  return searchFindings(open, joinSearches(runs));
}

/** @throws CosmicError RUN_MISMATCH where there are several */
function aloneOf(runs: readonly RunFolder[]): RunFolder {
  const [run, other] = runs as [RunFolder, RunFolder?];
  if (other === undefined) return run;
  throw new CosmicError('RUN_MISMATCH', 'a proof stands by itself', { file: other.path, remedy: 'show one run' });
}
