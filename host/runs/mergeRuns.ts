import { join } from 'node:path';
import type { PlainData } from '../../agents/agent.js';
import { mergeParts } from '../../kernels/reduce/reduce.js';
import { CosmicError } from '../../psa/errors.js';
import type { Findings, RunSweep } from './findings.js';
import { runFingerprint } from './fingerprint.js';
import { type BackendRecord, type Manifest, type RunSettings, readManifest, type SweepSettings } from './manifest.js';
import { type OpenSpace, reopenSpace } from './openSpace.js';
import { writeResult } from './resultFiles.js';
import { RunFolder } from './runFolder.js';
import type { RunResult } from './runResult.js';
import { searchesToPlain } from './searchCheckpoint.js';
import { joinSearches, searchFindings } from './searchRuns.js';
import { partToPlain } from './sweepCheckpoint.js';
import { inShardOrder, sweepFindings, sweepOf } from './sweepRuns.js';

/** What manifests call the work. */
const MERGE = 'merge';

/** What several runs are as one. */
interface Merged {
  /** Of the first part. */
  readonly backend: BackendRecord;
  readonly settings: RunSettings;
  readonly checkpoint: PlainData;
  readonly findings: (open: OpenSpace) => Findings;
}

/** @throws CosmicError RUN_MISMATCH where a run is no finished sweep */
function finishedSweep(run: RunFolder): RunSweep {
  const sweep = sweepOf(run);
  const { part, settings } = sweep;
  if (part.evaluated === BigInt(settings.count)) return sweep;
  throw new CosmicError('RUN_MISMATCH', `the sweep is not finished: ${part.evaluated} of ${settings.count} designs`, {
    file: run.path,
    remedy: `finish it by cosmic sweep --resume ${run.path}`,
  });
}

/** @throws CosmicError RUN_MISMATCH where two runs are not shards of one sweep */
function checkSame(first: RunFolder, other: RunFolder): void {
  const key = ({ manifest: { space, settings } }: RunFolder) =>
    JSON.stringify([space.fingerprint, { ...settings, start: '', count: '' }]);
  if (key(first) === key(other)) return;
  throw new CosmicError('RUN_MISMATCH', 'the runs are not shards of one sweep: their space or settings differ', {
    file: join(other.path, 'manifest.json'),
    remedy: `compare it with ${join(first.path, 'manifest.json')}; sweep the shards with the same settings but for the shard`,
  });
}

/** Of several sweeps each began on the CPU by itself: no place in the whole says so, but the description of one of them. */
function backendOf([first, ...others]: readonly RunSweep[]): BackendRecord {
  const { cpuFirst, ...backend } = first!.backend;
  return others.length === 0 && cpuFirst !== undefined ? { ...backend, cpuFirst } : backend;
}

function mergeSweeps(runs: readonly RunFolder[]): Merged {
  const sweeps = runs.map(finishedSweep).sort(inShardOrder);
  for (const run of runs) checkSame(runs[0]!, run);
  const { settings: first, path } = sweeps[0]!;
  const backend = backendOf(sweeps);
  const part = sweeps.map((sweep) => sweep.part).reduce((joined, next) => mergeParts(joined, next, first.top));
  const settings: SweepSettings = { ...first, start: part.start.toString(), count: part.evaluated.toString() };
  return {
    backend,
    settings,
    checkpoint: partToPlain(part),
    findings: (open) => sweepFindings(open, [{ path, settings, backend, part }]),
  };
}

function mergeSearches(runs: readonly RunFolder[]): Merged {
  const searches = joinSearches(runs);
  if (searches.length < 2) {
    throw new CosmicError('ARGUMENT', 'one search is nothing to merge', {
      file: runs[0]!.path,
      remedy: 'name the runs of several searches of one space and objective',
    });
  }
  return {
    backend: searches[0]!.backend,
    settings: {
      kind: 'searches',
      searches: searches.map(({ settings: { prove: _, ...settings }, backend }) => ({ ...settings, backend })),
    },
    checkpoint: searchesToPlain(searches.map(({ state }) => state)),
    findings: (open) => searchFindings(open, searches),
  };
}

/** The folder of the same merge, where it was killed before it had saved anything. */
function begunMerge(into: string, manifest: Manifest): RunFolder | undefined {
  if (!RunFolder.isIn(into)) return undefined;
  const folder = RunFolder.open(into);
  const isSame = runFingerprint(folder.manifest) === runFingerprint(readManifest(manifest, into));
  return folder.manifest.command === MERGE && isSame && folder.readCheckpoint() === undefined ? folder : undefined;
}

/**
 * Joins the finished shards of a sweep into the whole, or searches of one space and objective, finished or not, into one run,
 * which `advanceRun` goes on with.
 *
 * @param paths of the runs, at least one
 * @param into folder of the new run
 * @throws CosmicError RUN_MISMATCH where they do not belong together, ARGUMENT, DISK_WRITE
 * @example
 * const { winners } = mergeRuns(['runs/a', 'runs/b'], 'runs/whole');
 */
export function mergeRuns(paths: readonly string[], into: string): RunResult {
  const runs = paths.map((path) => RunFolder.open(path));
  const first = runs[0]!;
  const merged = first.manifest.settings.kind === 'sweep' ? mergeSweeps(runs) : mergeSearches(runs);
  const { backend, settings, checkpoint } = merged;
  const open = reopenSpace(first.manifest.space, first.path);
  const created = new Date().toISOString();
  const manifest = { ...first.manifest, created, command: MERGE, backend, settings };
  const folder = begunMerge(into, manifest) ?? RunFolder.create(into, manifest);
  const result = { ...open, ...merged.findings(open), path: into, paths: [into], manifest: folder.manifest };
  folder.saveCheckpoint(checkpoint);
  writeResult(folder, result);
  return result;
}
