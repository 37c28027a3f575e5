import { Command, Option } from 'commander';
import { openSpace } from '../runs/openSpace.js';
import { RANGES } from '../runs/ranges.js';
import { sweepSettings } from '../runs/settings.js';
import {
  addRunCommandOptions,
  bigWholeNumber,
  constraintOption,
  objectivesOption,
  type RankingOptions,
  type RunCommandOptions,
  robustOption,
  seed,
  TOP_DEFAULT,
  wholeNumber,
} from './options.js';
import { runToEnd } from './runToEnd.js';
import { checkResumeAlone, requireSpace, resumeSession, type Session, startSession } from './session.js';
import { type Shard, shard } from './shard.js';

interface SweepCommandOptions extends RunCommandOptions, RankingOptions {
  readonly start?: bigint;
  readonly count?: bigint;
  readonly sample?: bigint;
  readonly pareto?: boolean;
  readonly shard: Shard;
  readonly partSize?: number;
}

const EXAMPLE = `
Examples:
  cosmic sweep cosmic-workload                            all designs
  cosmic sweep cosmic-network --pareto                    the trade-off of time and network cost
  cosmic sweep cosmic-workload --constraint "memory <= 16e9"
  cosmic sweep cosmic-full --sample 1000000 --seed 1      a random sample
  cosmic sweep cosmic-network --shard 1/4 --out runs/a    one quarter; join the quarters with cosmic merge
  cosmic sweep --resume runs/a`;

export function sweepCommand(): Command {
  const command = new Command('sweep')
    .description('Evaluate a range of a space, a random sample of it, or all of it.')
    .argument('[space]', 'a preset (cosmic-network, …) or a PsA file')
    .option('--start <ordinal>', 'first design of the range (default: 0)', bigWholeNumber('--start', 0n))
    .option('--count <n>', 'designs of the range (default: to the end)', bigWholeNumber('--count', 1n))
    .option('--sample <n>', 'evaluate this many random designs instead of a range', bigWholeNumber('--sample', 1n))
    .option('--seed <n>', 'seed of the sample, and of the sets of --robust', seed, 0)
    .option('--top <n>', `best designs to show ${TOP_DEFAULT}`, wholeNumber('--top', ...RANGES.top))
    .addOption(robustOption())
    .option('--pareto', 'show the designs that none beats in all objectives (default objectives: time and cost)')
    .addOption(objectivesOption('what to minimise, such as time or time*cost; repeat for --pareto, the first ranks'))
    .addOption(constraintOption())
    .addOption(
      new Option(
        '--shard <i/n>',
        "evaluate only the i-th of n equal parts; slurm or auto: the part of a cluster's task",
      )
        .argParser((text: string) => shard(text))
        .default({ index: 1, of: 1 }, '1/1'),
    )
    .option(
      '--part-size <n>',
      'with --queue, designs that a worker evaluates at a time (default: what takes half a second)',
      wholeNumber('--part-size', 1),
    );
  return addRunCommandOptions(command)
    .addHelpText('after', EXAMPLE)
    .action(async (space: string | undefined, options: SweepCommandOptions) => {
      if (options.resume !== undefined) checkResumeAlone(command);
      await runToEnd(await openSweep(space, options), options.json === true);
    });
}

async function openSweep(name: string | undefined, options: SweepCommandOptions): Promise<Session> {
  if (options.resume !== undefined) return resumeSession('sweep', options.resume, options);
  const open = openSpace(requireSpace(name), options);
  const settings = sweepSettings(open, { ...options, objectives: options.objective, constraints: options.constraint });
  return startSession('sweep', open, settings, options, suffixOf(options));
}

function suffixOf({ sample, seed: sampleSeed, shard: part }: SweepCommandOptions): string {
  const what = sample === undefined ? new Date().toISOString().slice(0, 10) : String(sampleSeed);
  return part.of === 1 ? what : `${what}-${part.index}of${part.of}`;
}
