import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { LIMITED, parseLimit } from '../../kernels/objective/limits.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { CosmicError, excerpt } from '../../psa/errors.js';
import { PROFILES, type Profile } from '../../psa/space.js';
import { BACKENDS, type BackendName } from '../backends/evaluator.js';
import { plural } from '../display/format.js';
import { RANGES, ROBUST_TOP, TOP } from '../runs/ranges.js';
import { note } from './output.js';

/** Options that say which space, beside its name. */
export interface SpaceOptions {
  readonly system?: string;
  readonly software?: string;
  readonly model?: string;
  readonly profile?: Profile;
  readonly set: readonly string[];
}

export interface BackendOptions {
  readonly backend: 'auto' | BackendName;
  readonly threads?: number;
}

export interface QueueOption {
  readonly queue?: string;
}

export interface RunOptions {
  readonly out?: string;
  readonly resume?: string;
}

export interface JsonOption {
  readonly json?: boolean;
}

export function addSpaceOptions(command: Command): Command {
  return command
    .option('--system <name>', 'target system or machine: a preset or a YAML file (default: what the PsA says)')
    .option('--software <name>', 'framework on it: a preset or a YAML file (default: what the PsA or the system says)')
    .option('--model <name>', 'model: a preset, a YAML file or a Hugging Face config.json (default: what the PsA says)')
    .addOption(
      new Option('--profile <name>', 'whose rules the simulator follows (default: physics; docs/astra-sim.md)').choices(
        PROFILES,
      ),
    )
    .addOption(
      repeatable(
        '--set <name=value>',
        'override a parameter or a field, such as workload.dp=8, workload.dp=1,2,4 or model.layers=4; repeatable',
      ),
    )
    .addOption(tokensOption());
}

/** `--tokens 15T`: another way to write `--set job.tokens=15e12`. */
function tokensOption(): Option {
  const option = new Option(
    '--tokens <count>',
    'tokens of the job, such as 15T or 300B: --set job.tokens (docs/money.md)',
  );
  // It is one more override.
  option.attributeName = () => 'set';
  return option.argParser((text: string, earlier: readonly string[]) => [...earlier, `job.tokens=${tokenCount(text)}`]);
}

const POWERS: Readonly<Record<string, string>> = { '': '', K: 'e3', M: 'e6', B: 'e9', T: 'e12' };

/**
 * Reads a number of tokens as people write it.
 *
 * @throws CosmicError ARGUMENT
 * @example
 * tokenCount('15.6T'); // '15.6e12'
 */
function tokenCount(text: string): string {
  const [, number = '', thousands = ''] = /^([\d.]+(?:e\d+(?=$))?)([KMBT]?)$/i.exec(text) ?? [];
  const count = `${number}${POWERS[thousands.toUpperCase()]!}`;
  if (Number(count) > 0) return count;
  throw new CosmicError('ARGUMENT', `--tokens is '${excerpt(text)}'`, {
    remedy: 'write for example 300B, 15.6T or 15.6e12',
  });
}

export function addBackendOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--backend <name>',
        'where designs are evaluated; auto: what ends first by the rates of doctor --tune, else a GPU if there is one',
      )
        .choices(['auto', ...BACKENDS])
        .default('auto'),
    )
    .option(
      '--threads <n>',
      'worker threads of the cpu backend, as many as cores at most (default: all cores)',
      threads,
    );
}

/** More threads than cores are no faster, and each holds its own copy of what a space needs. */
function threads(text: string): number {
  const asked = wholeNumber('--threads', 1, 1024)(text);
  const cores = availableParallelism();
  if (asked > cores)
    note(`note: --threads is ${asked}, and ${plural(cores, 'core')} are there: ${plural(cores, 'thread')}`);
  return Math.min(asked, cores);
}

/** What the address is: {@link parseAddress}. */
export function addQueueOption(command: Command): Command {
  return command.option(
    '--queue <url>',
    'put the work into a queue on this Redis or Valkey, such as redis://host:6379, for cosmic worker (docs/cluster.md)',
  );
}

function addRunOptions(command: Command): Command {
  return command
    .option('--out <folder>', 'folder to write the run to (default: a new one below runs/)')
    .option('--resume <run>', 'go on with the run in this folder, with its own settings');
}

/** What the commands have in common that make runs. */
export interface RunCommandOptions extends SpaceOptions, BackendOptions, QueueOption, RunOptions, JsonOption {
  readonly constraint: readonly string[];
  readonly seed: number;
}

export function addRunCommandOptions(command: Command): Command {
  for (const add of [addSpaceOptions, addBackendOptions, addQueueOption, addRunOptions, addJsonOption]) add(command);
  return command;
}

/** Of runs that rank designs: by what, within which limits, and how many of them are shown. */
export interface RankingOptions {
  readonly objective: readonly string[];
  readonly top?: number;
  readonly robust?: boolean;
}

/** @param description of the objectives, which a sweep and a search use differently */
export function objectivesOption(description: string): Option {
  const label = (text: string): string => parseObjective(text).label;
  return repeatable('--objective <product>', description, label).default([], "the PsA's");
}

export function addJsonOption(command: Command): Command {
  return command.option('--json', 'print JSON on stdout, and nothing else there');
}

/**
 * An option that may be given several times; its value is the list of all of them.
 *
 * @param unsaid what it means in words where it is not given
 */
export function repeatable(
  flags: string,
  description: string,
  parse: (text: string) => unknown = (text) => text,
  unsaid = 'none',
): Option {
  const option = new Option(flags, description).default([], unsaid);
  return option.argParser((text: string, earlier: readonly unknown[]) => [...earlier, parse(text)]);
}

/** `--constraint`: limits on outputs. */
export function constraintOption(): Option {
  return repeatable(
    '--constraint <limit>',
    `keep ${LIMITED.slice(0, -1).join(', ')} or ${LIMITED.at(-1)} within a limit, such as "memory <= 24e9"; repeatable`,
    checkedLimit,
  );
}

/** How many of the best designs are shown where `--top` is not given. */
export const TOP_DEFAULT = `(default: ${TOP}; with --robust ${ROBUST_TOP})`;

export function robustOption(): Option {
  return new Option(
    '--robust',
    'rank the best designs under plausible constants, too: chance to be the best, regret, and which stays good',
  );
}

/** @throws CosmicError CONSTRAINT_SYNTAX */
function checkedLimit(text: string): string {
  parseLimit(text);
  return text;
}

/**
 * A parser of whole numbers for commander.
 *
 * @throws CosmicError ARGUMENT
 */
export function wholeNumber(name: string, min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    throw new CosmicError('ARGUMENT', `${name} is '${text}'`, { remedy: `give a whole number ${range}` });
  };
}

/**
 * A parser of numbers above 0.
 *
 * @throws CosmicError ARGUMENT
 */
export function positiveNumber(name: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value > 0 && Number.isFinite(value)) return value;
    throw new CosmicError('ARGUMENT', `${name} is '${text}'`, { remedy: 'give a number above 0, such as 60' });
  };
}

/** A parser of whole numbers of any size. */
export function bigWholeNumber(name: string, min: bigint): (text: string) => bigint {
  return (text) => {
    if (/^\d+$/.test(text) && BigInt(text) >= min) return BigInt(text);
    throw new CosmicError('ARGUMENT', `${name} is '${text}'`, { remedy: `give a whole number of at least ${min}` });
  };
}

/** Seeds are one word of the random generator's key. */
export const seed = wholeNumber('--seed', ...RANGES.seed);
