/** What does the parts of a run in a worker: an evaluator of the run's space, or studies. */
import { createEvaluator, type EvaluatorOptions } from '../backends/createEvaluator.js';
import type { BackendName } from '../backends/evaluator.js';
import type { SpaceReference } from '../runs/manifest.js';
import { reopenSpace } from '../runs/openSpace.js';
import { type PartResult, partRunner } from './parts.js';
import type { QueuedRun } from './registry.js';

/** Parts that a worker has at a time: one in work, and one so that it need not wait for the next. */
const PARTS_AT_A_TIME = 2;

/** A part belongs to the worker that took it for so long, and again; then another takes it. */
const LOCK_MS = 8000;
/** Of a study, whose parts may keep a process from saying so for a while. */
const STUDY_LOCK_MS = 60_000;

export interface Labour {
  /** One line for people. */
  readonly description: string;
  /** What runs record of who evaluated them. */
  readonly provenance: string;
  readonly atATime: number;
  /** For how long a part is the worker's own. */
  readonly lockMs: number;
  /** Does a part, as its text has it. */
  run(text: string): Promise<PartResult>;
  close(): Promise<void>;
}

export interface LabourOptions {
  readonly evaluator: EvaluatorOptions;
  /** For how long a part is its own, ms, unless it says so again: longer where processes may sleep; 8000 unless given. */
  readonly lockMs?: number;
  /** Does parts in place of an evaluator: what a test may want to cost nothing. */
  readonly runner?: (text: string) => Promise<PartResult>;
}

/**
 * @param place of the server, for errors
 * @throws CosmicError what the space and the evaluator throw
 */
export async function labourOf(
  { backend, work }: QueuedRun,
  { runner, lockMs = LOCK_MS, evaluator }: LabourOptions,
  place: string,
): Promise<Labour> {
  if (runner !== undefined) {
    return { description: 'stub', provenance: 'stub', atATime: PARTS_AT_A_TIME, lockMs, run: runner, async close() {} };
  }
  const options = { ...evaluator, backend };
  return work.kind === 'study' ? studying(options) : evaluating(work.space, options, lockMs, place);
}

async function evaluating(
  reference: SpaceReference,
  options: EvaluatorOptions,
  lockMs: number,
  place: string,
): Promise<Labour> {
  const { space } = reopenSpace(reference, place);
  const evaluator = await createEvaluator(space, options);
  const { description, provenance } = evaluator;
  const run = partRunner(evaluator);
  return { description, provenance, atATime: PARTS_AT_A_TIME, lockMs, run, close: () => evaluator.close() };
}

/** Parts of studies take seconds to minutes, and all threads. */
async function studying(options: EvaluatorOptions & { readonly backend: BackendName }): Promise<Labour> {
  const { StudyRunner } = await import('./studyParts.js');
  const runner = new StudyRunner(options);
  return {
    description: `parts of a study, by ${options.backend}`,
    provenance: options.backend,
    atATime: 1,
    lockMs: STUDY_LOCK_MS,
    run: (text) => runner.run(text),
    close: () => runner.close(),
  };
}
