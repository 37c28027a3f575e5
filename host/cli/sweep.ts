import { Command, Option } from 'commander';
import { parseObjective } from '../../kernels/objective/objective.js';
import { MAX_OBJECTIVES } from '../../kernels/reduce/layout.js';
import { CosmicError } from '../../psa/errors.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { SweepSettings } from '../runs/manifest.js';
import {
  addBackendOptions,
  addJsonOption,
  addRunOptions,
  addSpaceOptions,
  type BackendOptions,
  bigWholeNumber,
  type JsonOption,
  type RunOptions,
  repeatable,
  type Shard,
  type SpaceOptions,
  seed,
  shard,
  wholeNumber,
} from './options.js';
import { checkResumeAlone, requireSpace, resumeSession, type Session, startSession } from './session.js';
import { openSpace } from './space.js';
import { runSweep } from './sweepRun.js';

interface SweepOptions extends SpaceOptions, BackendOptions, RunOptions, JsonOption {
  readonly start?: bigint;
  readonly count?: bigint;
  readonly sample?: bigint;
  readonly seed: number;
  readonly objective: readonly string[];
  readonly top: number;
  readonly pareto?: boolean;
  readonly shard: Shard;
}

const EXAMPLE = `
Examples:
  cosmic sweep cosmic-workload                            all designs
  cosmic sweep cosmic-network --pareto                    the trade-off of time and network cost
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
    .option('--seed <n>', 'seed of the sample', seed, 0)
    .option('--top <n>', 'best designs to show', wholeNumber('--top', 1, 10_000), 10)
    .option('--pareto', 'show the designs that none beats in all objectives (default objectives: time and cost)')
    .addOption(
      repeatable(
        '--objective <product>',
        'what to minimise, such as time or time*cost; repeat for --pareto, the first ranks',
        (text) => parseObjective(text).label,
      ).default([], "the PsA's"),
    )
    .addOption(
      new Option('--shard <i/n>', 'evaluate only the i-th of n equal parts')
        .argParser(shard)
        .default({ index: 1, of: 1 }, '1/1'),
    );
  for (const add of [addSpaceOptions, addBackendOptions, addRunOptions, addJsonOption]) add(command);
  return command.addHelpText('after', EXAMPLE).action(async (space: string | undefined, options: SweepOptions) => {
    if (options.resume !== undefined) checkResumeAlone(command);
    await runSweep(await openSweep(space, options), options.json === true);
  });
}

async function openSweep(name: string | undefined, options: SweepOptions): Promise<Session<SweepSettings>> {
  if (options.resume !== undefined) return resumeSession('sweep', options.resume, options);
  const open = openSpace(requireSpace(name), options);
  const { start, count } = shardOf(rangeOf(open.space, options), options.shard);
  const settings: SweepSettings = {
    kind: 'sweep',
    source: options.sample === undefined ? { kind: 'ordinals' } : { kind: 'samples', seed: options.seed },
    start: start.toString(),
    count: count.toString(),
    objectives: objectivesOf(options, open.psa.objective),
    top: options.top,
    pareto: options.pareto === true,
  };
  return startSession('sweep', open, settings, options, suffixOf(options));
}

interface Range {
  readonly start: bigint;
  readonly count: bigint;
}

function rangeOf(space: CompiledSpace, { start, count, sample }: SweepOptions): Range {
  if (sample !== undefined) {
    if (start === undefined && count === undefined) return { start: 0n, count: sample };
    throw new CosmicError('ARGUMENT', '--sample stands beside --start or --count', {
      remedy: 'give --sample for random designs, or --start and --count for a range',
    });
  }
  const first = start ?? 0n;
  const most = space.count - first;
  if (first < space.count && (count ?? 0n) <= most) return { start: first, count: count ?? most };
  throw new CosmicError('ARGUMENT', `the range goes beyond the space, which has ${space.count} designs`, {
    remedy: `give --start below ${space.count}, and --count of at most the designs behind it`,
  });
}

function shardOf({ start, count }: Range, { index, of }: Shard): Range {
  const begin = (count * BigInt(index - 1)) / BigInt(of);
  const end = (count * BigInt(index)) / BigInt(of);
  if (begin < end) return { start: start + begin, count: end - begin };
  throw new CosmicError('ARGUMENT', `shard ${index}/${of} of ${count} designs is empty`, {
    remedy: `use at most ${count} shards`,
  });
}

function objectivesOf({ objective, pareto }: SweepOptions, usual: string): string[] {
  if (objective.length === 0) return pareto === true ? ['time', 'cost'] : [parseObjective(usual).label];
  if (objective.length > MAX_OBJECTIVES || (pareto === true && objective.length < 2)) {
    throw new CosmicError('ARGUMENT', `${objective.length} objectives are given`, {
      remedy: `give --objective two to ${MAX_OBJECTIVES} times with --pareto, or leave it out for time and cost`,
    });
  }
  return [...objective];
}

function suffixOf({ sample, seed: sampleSeed, shard: part }: SweepOptions): string {
  const what = sample === undefined ? new Date().toISOString().slice(0, 10) : String(sampleSeed);
  return part.of === 1 ? what : `${what}-${part.index}of${part.of}`;
}
