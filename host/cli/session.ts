import type { Command } from 'commander';
import type { PlainData } from '../../agents/agent.js';
import { CosmicError } from '../../psa/errors.js';
import type { CompiledSpace } from '../../psa/space.js';
import { createEvaluator } from '../createEvaluator.js';
import type { Evaluator } from '../evaluator.js';
import { cosmicVersion, type Manifest, RUN_FORMAT } from '../runs/manifest.js';
import { newRunPath, RunFolder } from '../runs/runFolder.js';
import type { BackendOptions, RunOptions } from './options.js';
import { type OpenSpace, reopenSpace } from './space.js';

type Settings = Manifest['settings'];

/** A run in progress: what to evaluate, with what, and where to write it. */
export interface Session<S extends Settings> extends OpenSpace {
  readonly settings: S;
  readonly evaluator: Evaluator;
  readonly run: RunFolder;
  /** What an earlier run of it has finished. */
  readonly checkpoint: PlainData | undefined;
}

/**
 * Starts a new run.
 *
 * @param suffix tells the run's folder from others of the same command and space
 */
export async function startSession<S extends Settings>(
  command: string,
  open: OpenSpace,
  settings: S,
  options: BackendOptions & RunOptions,
  suffix: string,
): Promise<Session<S>> {
  const evaluator = await openEvaluator(open.space, options);
  const manifest: Manifest = {
    format: RUN_FORMAT,
    cosmic: cosmicVersion,
    created: new Date().toISOString(),
    command,
    space: open.reference,
    backend: { name: evaluator.backend, description: evaluator.description },
    settings,
  };
  try {
    const run = RunFolder.create(options.out ?? newRunPath(command, open.space.name, suffix), manifest);
    return { ...open, settings, evaluator, run, checkpoint: undefined };
  } catch (error) {
    await evaluator.close();
    throw error;
  }
}

/**
 * Goes on with a run, on the backend that it was started with.
 *
 * @throws CosmicError RUN_MISMATCH where the run is of another kind or its space has changed
 */
export async function resumeSession<Kind extends Settings['kind']>(
  kind: Kind,
  path: string,
  options: BackendOptions,
): Promise<Session<Extract<Settings, { kind: Kind }>>> {
  const run = RunFolder.open(path);
  const { settings } = run.manifest;
  if (!isOfKind(settings, kind)) {
    throw new CosmicError(
      'RUN_MISMATCH',
      settings.kind === 'searches' ? 'the run joins several searches' : `the run is a ${settings.kind}, not a ${kind}`,
      {
        file: path,
        remedy:
          settings.kind === 'searches'
            ? 'resume the searches that it was merged from, and merge them again'
            : `use cosmic ${settings.kind} --resume ${path}`,
      },
    );
  }
  const open = reopenSpace(run.manifest.space, path);
  const { name } = run.manifest.backend;
  const checkpoint = run.readCheckpoint();
  const evaluator = await openEvaluator(open.space, { ...options, backend: name });
  return { ...open, settings, evaluator, run, checkpoint };
}

function isOfKind<Kind extends Settings['kind']>(
  settings: Settings,
  kind: Kind,
): settings is Extract<Settings, { kind: Kind }> {
  return settings.kind === kind;
}

/** Creates the evaluator, and tells in one line which it is. */
async function openEvaluator(space: CompiledSpace, { backend, threads }: BackendOptions): Promise<Evaluator> {
  const evaluator = await createEvaluator(space, { backend, ...(threads === undefined ? {} : { threads }) });
  process.stderr.write(`backend: ${evaluator.description}\n`);
  return evaluator;
}

/** What may stand beside --resume: a run has its own settings. */
const ALLOWED_WITH_RESUME = ['resume', 'json', 'threads'];

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
