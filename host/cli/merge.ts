import { join } from 'node:path';
import { Command } from 'commander';
import { mergeParts, type SweepPart } from '../../kernels/reduce/reduce.js';
import { CosmicError } from '../../psa/errors.js';
import type { Manifest, SweepSettings } from '../runs/manifest.js';
import { newRunPath, RunFolder } from '../runs/runFolder.js';
import { searchesToPlain } from '../runs/searchCheckpoint.js';
import { partFromPlain } from '../runs/sweepCheckpoint.js';
import { addJsonOption, type JsonOption } from './options.js';
import { writeSearch } from './searchFiles.js';
import { searchOutcome } from './searchOutcome.js';
import { joinedParts } from './searchParts.js';
import { printSearch } from './searchRun.js';
import { reopenSpace } from './space.js';
import { sweepOutcome, writeSweep } from './sweepReport.js';
import { printSweep } from './sweepRun.js';

interface MergeOptions extends JsonOption {
  readonly out?: string;
}

/** A finished sweep that is to be merged. */
interface Shard {
  readonly run: RunFolder;
  readonly settings: SweepSettings;
  readonly part: SweepPart;
}

const EXAMPLE = `
Examples:
  cosmic sweep cosmic-network --shard 1/2 --out runs/a
  cosmic sweep cosmic-network --shard 2/2 --out runs/b
  cosmic merge runs/a runs/b --out runs/whole

  cosmic search cosmic-full --seed 0 --out runs/seed0
  cosmic search cosmic-full --seed 1 --out runs/seed1
  cosmic merge runs/seed0 runs/seed1 --out runs/both`;

export function mergeCommand(): Command {
  const command = new Command('merge')
    .description(
      'Join the shards of a sweep into the whole sweep, or searches of one space and objective into one run.',
    )
    .argument('<runs...>', 'folders of finished sweeps that together cover a range, or of searches')
    .option('--out <folder>', 'folder to write the merged run to (default: a new one below runs/)');
  return addJsonOption(command)
    .addHelpText('after', EXAMPLE)
    .action((paths: string[], options: MergeOptions) => {
      const runs = paths.map((path) => RunFolder.open(path));
      if (runs[0]!.manifest.settings.kind === 'sweep') mergeSweeps(runs, options);
      else mergeSearches(runs, options);
    });
}

/** The folder of the merged run, which is about the same space as the first of the others. */
function createMerged({ manifest }: RunFolder, settings: Manifest['settings'], { out }: MergeOptions): RunFolder {
  const created = new Date().toISOString();
  return RunFolder.create(out ?? newRunPath('merge', manifest.space.name, created.slice(0, 10)), {
    ...manifest,
    created,
    command: 'merge',
    settings,
  });
}

function mergeSweeps(runs: readonly RunFolder[], options: MergeOptions): void {
  const shards = runs.map(shardOf).sort((a, b) => (a.part.start < b.part.start ? -1 : 1));
  const [first, ...others] = shards as [Shard, ...Shard[]];
  for (const other of others) checkSame(first, other);
  const part = others.reduce((joined, { part: next }) => mergeParts(joined, next, first.settings.top), first.part);
  const settings = { ...first.settings, start: part.start.toString(), count: part.evaluated.toString() };
  const open = reopenSpace(first.run.manifest.space, first.run.path);
  const context = { ...open, settings, run: createMerged(first.run, settings, options) };
  const outcome = sweepOutcome(context, part);
  writeSweep(context, outcome);
  printSweep(context, outcome, options.json === true);
}

function mergeSearches(runs: readonly RunFolder[], options: MergeOptions): void {
  const first = runs[0]!;
  const parts = joinedParts(runs);
  if (parts.length < 2) {
    throw new CosmicError('ARGUMENT', 'one search is nothing to merge', {
      file: first.path,
      remedy: 'name the runs of several searches of one space and objective',
    });
  }
  const open = reopenSpace(first.manifest.space, first.path);
  const run = createMerged(first, { kind: 'searches', searches: parts.map(({ settings }) => settings) }, options);
  const context = { ...open, run };
  const outcome = searchOutcome(context, parts);
  run.saveCheckpoint(searchesToPlain(parts.map(({ state }) => state)));
  writeSearch(context, outcome);
  printSearch(context, outcome, options.json === true);
}

function shardOf(run: RunFolder): Shard {
  const { settings } = run.manifest;
  const { path } = run;
  if (settings.kind !== 'sweep') {
    throw new CosmicError('RUN_MISMATCH', 'the run is a search, not a sweep', {
      file: path,
      remedy: 'merge sweeps with sweeps, and searches with searches',
    });
  }
  const checkpoint = run.readCheckpoint();
  const part = checkpoint === undefined ? undefined : partFromPlain(checkpoint, path);
  if (part?.evaluated !== BigInt(settings.count)) {
    throw new CosmicError(
      'RUN_MISMATCH',
      `the sweep is not finished: ${part?.evaluated ?? 0n} of ${settings.count} designs`,
      {
        file: path,
        remedy: `finish it by cosmic sweep --resume ${path}`,
      },
    );
  }
  return { run, settings, part };
}

/** @throws CosmicError RUN_MISMATCH where two runs are not shards of one sweep */
function checkSame(first: Shard, other: Shard): void {
  const key = ({ run, settings }: Shard) =>
    JSON.stringify([run.manifest.space.fingerprint, { ...settings, start: '', count: '' }]);
  if (key(first) === key(other)) return;
  throw new CosmicError('RUN_MISMATCH', 'the runs are not shards of one sweep: their space or settings differ', {
    file: join(other.run.path, 'manifest.json'),
    remedy: `compare it with ${join(first.run.path, 'manifest.json')}; sweep the shards with the same arguments but --shard`,
  });
}
