import { Command, Option } from 'commander';
import { MULTI_DIMENSIONAL } from '../../kernels/collective/collective.js';
import type { Collective } from '../../kernels/workload/operation.js';
import { CosmicError } from '../../psa/errors.js';
import { SLOT } from '../../psa/parameters.js';
import { type CompiledSpace, PROFILES, type Profile } from '../../psa/space.js';
import { formatNumber } from '../display/format.js';
import { busFactor, type CollectivePhase, openSystem } from '../profiles/collectiveRun.js';
import { rulesOf, timeCollective } from '../profiles/profiles.js';
import { addJsonOption, type JsonOption, repeatable, wholeNumber } from './options.js';
import { print } from './output.js';
import { formatTable, left, right } from './table.js';

interface CollectiveOptions extends JsonOption {
  readonly system: string;
  readonly profile?: Profile;
  readonly set: readonly string[];
  readonly npus?: number;
  readonly size?: number;
  readonly algorithm?: string;
}

/** As the command line and ASTRA-sim call them. */
const COLLECTIVES: Readonly<Record<string, Collective>> = {
  'all-reduce': 'allReduce',
  'all-gather': 'allGather',
  'reduce-scatter': 'reduceScatter',
  'all-to-all': 'allToAll',
};
const ALGORITHMS = ['ring', 'direct', 'halvingDoubling', 'doubleBinaryTree'];

/** Sizes of a sweep, bytes: 1 KiB to 1 GiB, each twice the one before. */
const SWEEP = Array.from({ length: 21 }, (_, i) => 2 ** (10 + i));

const EXAMPLE = `
Examples:
  cosmic collective all-reduce --system dgx-h100                       1 KiB to 1 GiB, as nccl-tests prints it
  cosmic collective all-reduce --system dgx-h100 --npus 8 --size 1GB
  cosmic collective all-to-all --system dgx-h100 --algorithm direct --json
  cosmic collective all-gather --system cosmic-1024 --profile astra-sim --size 64MiB`;

export function collectiveCommand(): Command {
  const command = new Command('collective')
    .description('Time one collective by itself: its bandwidths over a range of sizes, and its phases per dimension.')
    .argument('<collective>', Object.keys(COLLECTIVES).join(', '))
    .option('--npus <n>', 'the innermost so many NPUs (default: all of the system)', wholeNumber('--npus', 2))
    .option('--size <bytes>', 'the whole buffer, such as 1GB, 64MiB or 1024 (default: 1 KiB to 1 GiB)', byteSize)
    .addOption(new Option('--algorithm <name>', "in every dimension (default: the system's)").choices(ALGORITHMS))
    .option('--system <name>', 'a preset or a YAML file', 'cosmic-1024')
    .addOption(
      new Option('--profile <name>', 'whose rules it follows (default: physics; docs/astra-sim.md)').choices(PROFILES),
    )
    .addOption(repeatable('--set <name=value>', 'override a parameter of the system; repeatable'));
  addJsonOption(command);
  return command.addHelpText('after', EXAMPLE).action((name: string, options: CollectiveOptions) => {
    const measured = measure(collectiveNamed(name), options);
    print(
      options.json,
      () => measured,
      () => lines(name, measured),
    );
  });
}

/** @throws CosmicError ARGUMENT */
function collectiveNamed(name: string): Collective {
  if (Object.hasOwn(COLLECTIVES, name)) return COLLECTIVES[name]!;
  throw new CosmicError('ARGUMENT', `'${name}' is no collective`, {
    remedy: `use ${Object.keys(COLLECTIVES).join(', ')}`,
  });
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** @throws CosmicError ARGUMENT */
function byteSize(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text) ?? [];
  const bytes = Object.hasOwn(UNITS, unit) ? Number(number) * UNITS[unit]! : Number.NaN;
  if (Number.isInteger(bytes) && bytes >= 1 && bytes <= 1e15) return bytes;
  throw new CosmicError('ARGUMENT', `--size is '${text}'`, {
    remedy: 'give whole bytes up to 1e15, with B, KB, MB, GB, KiB, MiB or GiB behind them or not, such as 64MiB',
  });
}

/** @throws CosmicError ARGUMENT where a flat ring leaves no choice */
function checkAlgorithm(space: CompiledSpace, collective: Collective, algorithm: string | undefined): void {
  const flat = space.fixed[SLOT.collective.multiDimensional] === MULTI_DIMENSIONAL.flatRing;
  if (algorithm === undefined || algorithm === 'ring' || !flat || collective === 'allToAll') return;
  throw new CosmicError('ARGUMENT', `${space.systemName} runs one flat ring over all dimensions, not ${algorithm}`, {
    remedy: 'add --set collective.multiDimensional=localBWAware, or leave out --algorithm',
  });
}

interface Row {
  readonly bytes: number;
  /** Null where the collective comes to no end; then `stop` says why. */
  readonly timeUs: number | null;
  readonly algorithmBandwidthGBps: number | null;
  readonly busBandwidthGBps: number | null;
  readonly stop?: string;
}

interface Measured {
  readonly collective: Collective;
  readonly system: string;
  readonly systemNpus: number;
  readonly npus: number;
  readonly profile: string;
  readonly overrides: readonly string[];
  readonly sizes: readonly Row[];
  /** Mean of all sizes, as nccl-tests has it. */
  readonly averageBusBandwidthGBps: number | null;
  /** At the largest size that comes to an end. */
  readonly phases: readonly CollectivePhase[];
}

function measure(collective: Collective, options: CollectiveOptions): Measured {
  const { system, algorithm, profile } = options;
  const asked = algorithm === undefined ? [] : [`collective.${collective}Algorithm=${algorithm}`];
  const set = [...options.set, ...asked];
  const space = openSystem(system, set, profile);
  checkAlgorithm(space, collective, algorithm);
  const npus = options.npus ?? space.npus;
  const factor = busFactor(collective, npus);
  let phases: readonly CollectivePhase[] = [];
  const sizes = (options.size === undefined ? SWEEP : [options.size]).map((bytes): Row => {
    const run = timeCollective(space, { collective, npus, bytes });
    if ('stop' in run) {
      return { bytes, timeUs: null, algorithmBandwidthGBps: null, busBandwidthGBps: null, stop: run.stop };
    }
    phases = run.phases;
    const algorithmBandwidthGBps = bytes / run.timeUs / 1000;
    const busBandwidthGBps = algorithmBandwidthGBps * factor;
    return { bytes, timeUs: run.timeUs, algorithmBandwidthGBps, busBandwidthGBps };
  });
  const ended = sizes.flatMap(({ busBandwidthGBps }) => busBandwidthGBps ?? []);
  return {
    collective,
    system: space.systemName,
    systemNpus: space.npus,
    npus,
    profile: rulesOf(space.workload).name,
    overrides: set,
    sizes,
    averageBusBandwidthGBps: ended.length === 0 ? null : ended.reduce((sum, one) => sum + one, 0) / ended.length,
    phases,
  };
}

const NOTHING = '–';

function cell(value: number | null | undefined): string {
  return value === null || value === undefined ? NOTHING : formatNumber(value);
}

function lines(name: string, { system, npus, systemNpus, profile, sizes, phases, ...measured }: Measured): string[] {
  const stops = [...new Set(sizes.flatMap(({ stop }) => stop ?? []))];
  const overrides = measured.overrides.length === 0 ? '' : `, with ${measured.overrides.join(', ')}`;
  return [
    `${name} of ${formatNumber(npus)} of ${formatNumber(systemNpus)} NPUs of ${system}, ${profile} profile${overrides}`,
    '',
    formatTable(
      [right('size (bytes)'), right('time (us)', 2), right('algbw (GB/s)'), right('busbw (GB/s)')],
      sizes.map((row) => [
        formatNumber(row.bytes),
        cell(row.timeUs),
        cell(row.algorithmBandwidthGBps),
        cell(row.busBandwidthGBps),
      ]),
    ),
    ...stops.map((stop) => `${NOTHING}: ${stop}`),
    ...(sizes.length > 1 ? [`average busbw: ${cell(measured.averageBusBandwidthGBps)} GB/s`] : []),
    ...(phases.length === 0 ? [] : ['', 'Phases at the largest size:', '', phaseTable(phases)]),
  ];
}

function phaseTable(phases: readonly CollectivePhase[]): string {
  return formatTable(
    [left('dimension'), left('collective'), right('NPUs'), left('algorithm'), right('busy (us)')],
    phases.map(({ dimension, collective, npus, algorithm, busyUs }) => [
      dimension === undefined ? 'all' : String(dimension),
      collective,
      formatNumber(npus),
      algorithm,
      cell(busyUs),
    ]),
  );
}
