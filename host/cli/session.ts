import type { Command } from 'commander';
import { CosmicError } from '../../psa/errors.js';
import { createEvaluator, type EvaluatorOptions } from '../backends/createEvaluator.js';
import type { Evaluator } from '../backends/evaluator.js';
import { isBrief, type Job } from '../backends/plan.js';
import { leaveUnoptimised } from '../backends/webgpu/llvmpipe.js';
import type { ProofSettings, RunSettings, SearchSettings, SweepSettings } from '../runs/manifest.js';
import type { OpenSpace } from '../runs/openSpace.js';
import { createRun, openRun, type Run } from '../runs/run.js';
import { newRunPaths } from '../runs/runFolder.js';
import { openQueue } from './openQueue.js';
import type { BackendOptions, QueueOption, RunOptions } from './options.js';
import { note } from './output.js';

/** Where a run is evaluated. */
interface SessionOptions extends BackendOptions, QueueOption {
  /** Of the run that is gone on with. */
  readonly cpuFirst?: bigint;
  /** Designs of a part that a worker of a queue evaluates. */
  readonly partSize?: number;
}

/** A run in progress, and what it is evaluated with. */
export interface Session {
  readonly run: Run;
  readonly evaluator: Evaluator;
}

/**
 * Starts a new run.
 *
 * @param suffix tells the run's folder from others of the same command and space
 */
export async function startSession(
  command: string,
  open: OpenSpace,
  settings: SweepSettings | SearchSettings | ProofSettings,
  options: SessionOptions & RunOptions,
  suffix: string,
): Promise<Session> {
  const evaluator = await openEvaluator(open, settings, options);
  const path = options.out ?? newRunPaths(command, open.space.name, suffix);
  try {
    return { evaluator, run: createRun(path, open, settings, evaluator, command) };
  } catch (error) {
    await evaluator.close();
    throw error;
  }
}

/** A command that goes on with runs. */
type RunCommand = 'sweep' | 'search' | 'prove';

/** Which command goes on with a run. */
function commandOf({ kind }: RunSettings): RunCommand {
  if (kind === 'proof') return 'prove';
  return kind === 'sweep' ? 'sweep' : 'search';
}

/**
 * Goes on with a run, on the backend that it was started with.
 *
 * @throws CosmicError RUN_MISMATCH where it is of another command or its space has changed
 */
export async function resumeSession(command: RunCommand, path: string, options: SessionOptions): Promise<Session> {
  const run = openRun(path);
  const actual = commandOf(run.folder.manifest.settings);
  if (actual !== command) {
    throw new CosmicError('RUN_MISMATCH', `the run is of cosmic ${actual}, not of cosmic ${command}`, {
      file: path,
      remedy: `use cosmic ${actual} --resume ${path}`,
    });
  }
  const { settings } = run.folder.manifest;
  const { backend, cpuFirst } = run;
  const where = { backend, ...(cpuFirst !== undefined && { cpuFirst }) };
  return { run, evaluator: await openEvaluator(run, settings, { ...options, ...where }) };
}

/** What `auto` can plan for: how long a proof takes is not known before. */
function jobOf(settings: RunSettings): Job | undefined {
  if (settings.kind === 'sweep') return { kind: 'sweep', designs: BigInt(settings.count) };
  return settings.kind === 'search' ? { kind: 'search', designs: BigInt(settings.evaluations) } : undefined;
}

/** Where a run is evaluated, without a queue. */
function evaluatorOptions(settings: RunSettings, { backend, threads, cpuFirst }: SessionOptions): EvaluatorOptions {
  const job = jobOf(settings);
  return {
    backend,
    ...(threads !== undefined && { threads }),
    ...(cpuFirst !== undefined && { cpuFirst }),
    ...(job !== undefined && { job }),
  };
}

/** Creates the evaluator, and tells in one line which it is. */
async function openEvaluator(
  open: Pick<OpenSpace, 'space' | 'reference'>,
  settings: RunSettings,
  options: SessionOptions,
): Promise<Evaluator> {
  const { backend, queue, partSize } = options;
  const where = evaluatorOptions(settings, options);
  // A command has its process and its device for itself: nothing larger comes behind.
  if (where.job !== undefined && isBrief(where.job)) leaveUnoptimised();
  const evaluator =
    queue === undefined
      ? await createEvaluator(open.space, where)
      : await openQueue(queue, open, { backend, settings, partSize });
  note(`backend: ${evaluator.description}`);
  return evaluator;
}

/** What may stand beside --resume: a run has its own settings. */
const ALLOWED_WITH_RESUME = ['resume', 'json', 'threads', 'queue', 'partSize', 'timeout', 'time'];

/** @throws CosmicError RUN_MISMATCH where other settings stand beside --resume */
export function checkResumeAlone(command: Command): void {
  const given = command.options.filter(
    (option) =>
      command.getOptionValueSource(option.attributeName()) === 'cli' &&
      !ALLOWED_WITH_RESUME.includes(option.attributeName()),
  );
  const names = [...command.args.map((argument) => `'${argument}'`), ...given.map(({ long }) => long)];
  if (names.length === 0) return;
  throw new CosmicError(
    'RUN_MISMATCH',
    `--resume takes all settings from the run, but ${names.join(', ')} is given too`,
    {
      remedy: 'leave those out, or start a new run without --resume',
    },
  );
}

/** @throws CosmicError ARGUMENT where a command that needs a space got none */
export function requireSpace(name: string | undefined): string {
  if (name !== undefined) return name;
  throw new CosmicError('ARGUMENT', 'no space is named', {
    remedy: 'name a preset such as cosmic-full or a PsA file, or go on with a run by --resume',
  });
}
