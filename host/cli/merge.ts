import { Command } from 'commander';
import { mergeRuns } from '../runs/mergeRuns.js';
import { newRunPaths, RunFolder } from '../runs/runFolder.js';
import { addJsonOption, type JsonOption } from './options.js';
import { printResult } from './runToEnd.js';

interface MergeOptions extends JsonOption {
  readonly out?: string;
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
    .action((paths: string[], { out, json }: MergeOptions) => {
      const result = mergeRuns(paths, out ?? newFolder(paths[0]!));
      printResult(result, json === true);
    });
}

function newFolder(first: string): string {
  const { space } = RunFolder.open(first).manifest;
  return newRunPaths('merge', space.name, new Date().toISOString().slice(0, 10)).next().value;
}
