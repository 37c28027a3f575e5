import { join } from 'node:path';
import { Command } from 'commander';
import { mergeParts, type SweepPart } from '../../kernels/reduce/reduce.js';
import { CosmicError } from '../../psa/errors.js';
import type { Manifest, SweepSettings } from '../runs/manifest.js';
import { newRunPath, RunFolder } from '../runs/runFolder.js';
import { partFromPlain } from '../runs/sweepCheckpoint.js';
import { addJsonOption, type JsonOption } from './options.js';
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
Example:
  cosmic sweep cosmic-network --shard 1/2 --out runs/a
  cosmic sweep cosmic-network --shard 2/2 --out runs/b
  cosmic merge runs/a runs/b --out runs/whole`;

export function mergeCommand(): Command {
  const command = new Command('merge')
    .description('Join the runs of the shards of a sweep into one; the result is that of the whole sweep.')
    .argument('<runs...>', 'folders of finished sweeps that together cover a range')
    .option('--out <folder>', 'folder to write the merged run to (default: a new one below runs/)');
  return addJsonOption(command)
    .addHelpText('after', EXAMPLE)
    .action((paths: string[], options: MergeOptions) => merge(paths, options));
}

function merge(paths: readonly string[], options: MergeOptions): void {
  const shards = paths.map(openShard).sort((a, b) => (a.part.start < b.part.start ? -1 : 1));
  const [first, ...others] = shards as [Shard, ...Shard[]];
  for (const other of others) checkSame(first, other);
  const part = others.reduce((joined, { part: next }) => mergeParts(joined, next, first.settings.top), first.part);
  const settings = { ...first.settings, start: part.start.toString(), count: part.evaluated.toString() };
  const open = reopenSpace(first.run.manifest.space, first.run.path);
  const manifest: Manifest = { ...first.run.manifest, created: new Date().toISOString(), command: 'merge', settings };
  const run = RunFolder.create(
    options.out ?? newRunPath('merge', open.space.name, manifest.created.slice(0, 10)),
    manifest,
  );
  const context = { ...open, settings, run };
  const outcome = sweepOutcome(context, part);
  writeSweep(context, outcome);
  printSweep(context, outcome, options.json === true);
}

function openShard(path: string): Shard {
  const run = RunFolder.open(path);
  const { settings } = run.manifest;
  if (settings.kind !== 'sweep') {
    throw new CosmicError('RUN_MISMATCH', `the run is a ${settings.kind}, not a sweep`, {
      file: path,
      remedy: 'merge sweeps only',
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
