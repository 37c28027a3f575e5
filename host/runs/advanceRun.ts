import type { SweepPart } from '../../kernels/reduce/reduce.js';
import { CosmicError } from '../../psa/errors.js';
import type { Evaluator } from '../backends/evaluator.js';
import { search } from '../search/search.js';
import type { Generation, SearchState } from '../search/searchState.js';
import { Checkpoints } from './checkpoints.js';
import type { RunSearch } from './findings.js';
import type { RunSettings, SweepSettings } from './manifest.js';
import type { Done, RunProgress, Watch } from './progress.js';
import { advanceProof, firstIncumbent, proofFindings } from './proofRuns.js';
import { advanceSearchProof } from './provenSearch.js';
import { writeResult } from './resultFiles.js';
import { checkEvaluator, type Run } from './run.js';
import type { RunResult } from './runResult.js';
import { searchesToPlain, searchToPlain } from './searchCheckpoint.js';
import { isFinished, searchesOf, searchFindings } from './searchRuns.js';
import { searchRequest, sweepRequest } from './settings.js';
import { partToPlain } from './sweepCheckpoint.js';
import { partOf, sweepFindings } from './sweepRuns.js';

export interface RunControl {
  /** Called at the beginning, and after each chunk of a sweep or generation of a search. */
  readonly onProgress?: (progress: RunProgress) => void;
  /** Ends the run early: what is finished by then is saved and returned, and `advanceRun` goes on with it. */
  readonly signal?: AbortSignal;
  /**
   * Called where a file of the run cannot be written: it is ended, and what it found is returned. Without it, the error is
   * thrown.
   */
  readonly onWriteError?: (error: unknown) => void;
}

async function advanceSweep(
  run: Run,
  settings: SweepSettings,
  evaluator: Evaluator,
  { checkpoints, onProgress }: Watch,
): Promise<Done> {
  const { path } = run.folder;
  const saved = run.folder.readCheckpoint();
  const before = saved === undefined ? undefined : partOf(run.folder, saved, settings);
  const tell = (part: SweepPart | undefined) => {
    const evaluated = Number(part?.evaluated ?? 0n);
    onProgress({
      evaluated,
      total: Number(settings.count),
      best: part?.top[0]?.objectives[0],
      feasibleShare: part === undefined ? undefined : Number(part.feasible) / evaluated,
    });
  };
  tell(before);
  const onChunk = async (part: SweepPart) => {
    tell(part);
    await checkpoints.offer(() => partToPlain(part));
  };
  const part = await evaluator.sweep(sweepRequest(settings), { signal: checkpoints.signal, onChunk }, before);
  checkpoints.recordProvenance();
  const findings = sweepFindings(run, [{ path, settings, backend: run.folder.manifest.backend, part }]);
  return { findings, checkpoint: partToPlain(part) };
}

/** A search that may not have begun. */
type OpenSearch = Omit<RunSearch, 'state'> & { readonly state: SearchState | undefined };

function openSearches({ folder }: Run): OpenSearch[] {
  const { settings, backend } = folder.manifest;
  const begun = settings.kind === 'searches' || folder.readCheckpoint() !== undefined;
  return begun || settings.kind !== 'search' ? searchesOf(folder) : [{ settings, backend, state: undefined }];
}

/** How far several searches are together, while one of them is at a generation. */
function progressOf(
  searches: readonly OpenSearch[],
  running?: OpenSearch,
  at?: Pick<Generation, 'evaluations' | 'best' | 'feasibleShare'>,
): RunProgress {
  const counts = searches.map((one) => {
    if (one === running && at !== undefined) return { ...at, feasible: at.feasibleShare * at.evaluations };
    const { evaluations = 0, feasible = 0, history = [] } = one.state ?? {};
    return { evaluations, feasible, best: history.at(-1)?.[1] };
  });
  const evaluated = counts.reduce((sum, { evaluations }) => sum + evaluations, 0);
  const bests = counts.flatMap(({ best }) => best ?? []);
  return {
    evaluated,
    total: searches.reduce((sum, { settings }) => sum + settings.evaluations, 0),
    best: bests.length === 0 ? undefined : Math.min(...bests),
    feasibleShare: evaluated === 0 ? undefined : counts.reduce((sum, { feasible }) => sum + feasible, 0) / evaluated,
  };
}

/** Names the run in an error about what it had saved. */
async function placed<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof CosmicError) || error.code !== 'RUN_MISMATCH') throw error;
    throw new CosmicError(error.code, error.message, { file, remedy: error.remedy });
  }
}

/** Goes on with the searches of a run, one after the other. */
async function advanceSearches(run: Run, evaluator: Evaluator, { checkpoints, onProgress }: Watch): Promise<Done> {
  const searches = openSearches(run);
  const { signal } = checkpoints;
  const toPlain = (states: readonly SearchState[]) =>
    run.folder.manifest.settings.kind === 'search' ? searchToPlain(states[0]!) : searchesToPlain(states);
  onProgress(progressOf(searches));
  for (const [i, { settings, state }] of searches.entries()) {
    if (state !== undefined && (signal.aborted || isFinished({ settings, state }))) continue;
    const onGeneration = async (at: Generation) => {
      onProgress(progressOf(searches, searches[i], at));
      await checkpoints.offer(async () => {
        const states = searches.map((one) => one.state!);
        states[i] = await at.snapshot();
        return toPlain(states);
      });
    };
    const request = searchRequest(settings);
    const advanced = await placed(run.folder.path, search(evaluator, request, { signal, onGeneration }, state));
    searches[i] = { ...searches[i]!, state: advanced };
  }
  checkpoints.recordProvenance();
  const { settings: own, backend } = run.folder.manifest;
  const begun = (searches as RunSearch[]).map((one) => (own.kind === 'search' ? { ...one, backend } : one));
  return { findings: searchFindings(run, begun), checkpoint: toPlain(begun.map(({ state }) => state)) };
}

async function advance(run: Run, settings: RunSettings, evaluator: Evaluator, watch: Watch): Promise<Done> {
  if (settings.kind === 'sweep') return advanceSweep(run, settings, evaluator, watch);
  if (settings.kind === 'proof') {
    const begin = () => firstIncumbent(evaluator, settings);
    const { proof, checkpoint } = await advanceProof(run, settings, evaluator, watch, 'run', begin);
    return { findings: proofFindings(run, proof), checkpoint };
  }
  const found = await advanceSearches(run, evaluator, watch);
  if (settings.kind === 'searches' || settings.prove !== true) return found;
  if (found.findings.finished) return advanceSearchProof(run, settings, evaluator, watch, found);
  return found;
}

/**
 * Evaluates what a run still lacks, and writes its files: a checkpoint now and then, tables and results at the end. A run that
 * was killed or ended early and went on comes to what one in one go would.
 *
 * @param evaluator of the run's space and backend; it stays open
 * @throws CosmicError RUN_MISMATCH where the evaluator is not for the run or another process is at it, DISK_WRITE, and what the evaluator throws
 * @example
 * const { finished, winners } = await advanceRun(run, evaluator, { signal: AbortSignal.timeout(60_000) });
 */
export async function advanceRun(run: Run, evaluator: Evaluator, control: RunControl = {}): Promise<RunResult> {
  const { psa, space, reference, folder } = run;
  const { path } = folder;
  checkEvaluator(run, path, evaluator);
  const unlock = folder.lock();
  folder.tidy();
  const checkpoints = new Checkpoints(folder, control.signal, evaluator);
  const watch = { checkpoints, onProgress: control.onProgress ?? (() => undefined) };
  try {
    const { settings } = folder.manifest;
    const { findings, checkpoint } = await advance(run, settings, evaluator, watch);
    checkpoints.save(checkpoint);
    const result = { psa, space, reference, ...findings, path, paths: [path], manifest: folder.manifest };
    checkpoints.attempt(() => writeResult(folder, result));
    if (checkpoints.failure !== undefined) tellFailure(checkpoints.failure, control);
    return result;
  } finally {
    checkpoints.close();
    unlock();
  }
}

function tellFailure(failure: unknown, { onWriteError }: RunControl): void {
  if (onWriteError === undefined) throw failure;
  onWriteError(failure);
}
