import { CosmicError } from '../../psa/errors.js';
import type { Evaluator } from '../backends/evaluator.js';
import { fingerprint } from './fingerprint.js';
import {
  type BackendRecord,
  type Manifest,
  type ProofSettings,
  RUN_FORMAT,
  type SearchSettings,
  type SweepSettings,
} from './manifest.js';
import { type OpenSpace, reopenSpace } from './openSpace.js';
import { RunFolder } from './runFolder.js';
import { isFinished, searchesOf } from './searchRuns.js';
import { cosmicVersion } from './version.js';

/** A run that `advanceRun` begins or goes on with. */
export interface Run extends OpenSpace {
  readonly folder: RunFolder;
  /** What its designs are to be evaluated with, for the same result as in one go. */
  readonly backend: BackendRecord['name'];
  /** Designs of a sweep that the CPU evaluates first, for the same reason; none unless given. */
  readonly cpuFirst?: bigint;
}

/** @throws CosmicError RUN_MISMATCH where an evaluator is not for the run in a folder */
export function checkEvaluator(
  { space, backend, cpuFirst = 0n }: Pick<Run, 'space' | 'backend' | 'cpuFirst'>,
  path: string,
  evaluator: Evaluator,
): void {
  const complain = (message: string, remedy: string) => {
    throw new CosmicError('RUN_MISMATCH', message, { file: path, remedy });
  };
  if (evaluator.space !== space && fingerprint(evaluator.space) !== fingerprint(space)) {
    complain('the evaluator is of another space than the run', 'create it with the space of the run');
  }
  if (evaluator.backend !== backend) {
    complain(`the run is on ${backend}, not ${evaluator.backend}`, `create the evaluator with backend: '${backend}'`);
  }
  const { cpuFirst: first = 0n } = evaluator;
  if (first !== cpuFirst) {
    complain(
      `the run has its first ${cpuFirst} designs from the CPU, the evaluator its first ${first}`,
      `create the evaluator with backend: '${backend}' and cpuFirst: ${cpuFirst}n, without a queue`,
    );
  }
}

/**
 * Makes the folder of a new run, with the manifest alone: nothing is evaluated yet.
 *
 * @param path of a folder that holds no run, made where there is none; of several the first that nobody has
 * @param settings by `sweepSettings`, `searchSettings` or `proofSettings`
 * @param evaluator of the space; the run goes on with the same backend ever after
 * @param command what the manifest calls the work
 * @throws CosmicError ARGUMENT where the folder holds a run already, RUN_MISMATCH where the evaluator is of another space,
 * DISK_WRITE
 * @example
 * const open = openSpace('cosmic-workload');
 * const evaluator = await createEvaluator(open.space, { backend: 'auto' });
 * const run = createRun('runs/mine', open, sweepSettings(open, { pareto: true }), evaluator);
 * const { winners } = await advanceRun(run, evaluator);
 * await evaluator.close();
 */
export function createRun(
  path: string | Iterable<string>,
  open: OpenSpace,
  settings: SweepSettings | SearchSettings | ProofSettings,
  evaluator: Evaluator,
  command: string = settings.kind,
): Run {
  const { backend, cpuFirst, provenance } = evaluator;
  const first = cpuFirst === undefined ? {} : { cpuFirst };
  checkEvaluator({ ...open, backend, ...first }, typeof path === 'string' ? path : '', evaluator);
  const manifest: Manifest = {
    format: RUN_FORMAT,
    cosmic: cosmicVersion,
    created: new Date().toISOString(),
    command,
    space: open.reference,
    backend: { name: backend, description: provenance, ...(cpuFirst !== undefined && { cpuFirst: String(cpuFirst) }) },
    settings,
  };
  return { ...open, folder: RunFolder.create(path, manifest), backend, ...first };
}

/** @throws CosmicError RUN_MISMATCH where joined searches were to go on with several */
function backendOf(folder: RunFolder): BackendRecord['name'] {
  const { settings, backend } = folder.manifest;
  if (settings.kind !== 'searches') return backend.name;
  const unfinished = searchesOf(folder).filter((search) => !isFinished(search));
  const names = [...new Set(unfinished.map((search) => search.backend.name))];
  if (names.length < 2) return names[0] ?? backend.name;
  throw new CosmicError('RUN_MISMATCH', `the searches that were joined here go on with ${names.join(' and ')}`, {
    file: folder.path,
    remedy: 'resume the runs that it was merged from, each by itself, and merge them again',
  });
}

/**
 * Opens a run that was begun, to go on with it.
 *
 * @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE, RUN_MISMATCH where it cannot be gone on with
 * @example
 * const run = openRun('runs/mine');
 * const evaluator = await createEvaluator(run.space, run);
 * const { winners } = await advanceRun(run, evaluator);
 */
export function openRun(path: string): Run {
  const folder = RunFolder.open(path);
  const { cpuFirst } = folder.manifest.backend;
  return {
    ...reopenSpace(folder.manifest.space, path),
    folder,
    backend: backendOf(folder),
    ...(cpuFirst !== undefined && { cpuFirst: BigInt(cpuFirst) }),
  };
}
