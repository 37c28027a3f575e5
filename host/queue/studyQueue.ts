/** The driver's side of a study whose parts workers do. */
import type { Objective } from '../../kernels/objective/objective.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { parsedJson } from '../../psa/plainData.js';
import type { CompiledSpace } from '../../psa/space.js';
import { sha256 } from '../runs/fingerprint.js';
import type { Comparison } from '../study/compare.js';
import { comparisonsFromPlain } from '../study/comparisonPlain.js';
import { optimumSchema, stillHolds } from '../study/optimum.js';
import type { CaseSolver } from '../study/paper.js';
import { LARGEST_TABLE } from '../study/scores.js';
import type { StudySpace } from '../study/spaces.js';
import type { StudySite, Subject } from '../study/study.js';
import type { TrialRunner } from '../study/trialRunner.js';
import type { History, SeededTrial } from '../study/trials.js';
import { unlessAborted } from './aborting.js';
import { PartQueue } from './partQueue.js';
import { backendOf, type QueueOptions } from './queueEvaluator.js';
import { queueError, type ServerAddress } from './server.js';
import { casePart, historiesSchema, SEEDS_PER_PART, type StudyPart } from './studyParts.js';

/** A queue for the parts of a study. */
export interface StudyQueue {
  /** Backend, for people. */
  readonly description: string;
  readonly solver: CaseSolver;
  readonly site: StudySite;
  workers(): number;
  /** @param keep what parts came to, for the same study that is started again */
  close(keep: boolean): Promise<void>;
}

/**
 * Opens a queue for the parts of a study: its cases, or its optima and searches.
 *
 * @param identity what decides what the study comes to: the same study has the same queue
 * @throws CosmicError QUEUE where the server cannot be used, BACKEND_LIMIT
 * @example
 * const queue = await openStudyQueue(parseAddress('redis://head:6379'), ['paper'], { backend: 'cpu' });
 * const study = await paperStudy(request, queue.solver);
 * await queue.close(false);
 */
export async function openStudyQueue(
  address: ServerAddress,
  identity: unknown,
  options: Pick<QueueOptions, 'backend' | 'onWait'>,
): Promise<StudyQueue> {
  const backend = await backendOf(address, options);
  const name = sha256(JSON.stringify(['study', identity, backend]));
  const queue = await PartQueue.open(address, name, { backend, work: { kind: 'study' } });
  if (queue.workers === 0) options.onWait?.();
  const work = new StudyWork(queue);
  return {
    description: `${backend}, workers of a queue`,
    solver: { atOnce: Number.POSITIVE_INFINITY, solve: (request, title) => work.solve(request, title) },
    site: {
      subject: (of, request, control) => work.subject(of, request, control.signal),
      runner: (subject, objective) => work.runner(subject, objective),
    },
    workers: () => queue.workers,
    close: (keep) => queue.close(keep),
  };
}

class StudyWork {
  constructor(private readonly queue: PartQueue) {}

  async solve(request: Parameters<CaseSolver['solve']>[0], title: string): Promise<Comparison[]> {
    return this.do(casePart(request), title, (plain) => comparisonsFromPlain(request, plain));
  }

  async subject(
    of: StudySpace,
    { objective, known = [], largestTable = LARGEST_TABLE }: Parameters<StudySite['subject']>[1],
    signal: AbortSignal | undefined,
  ): Promise<Subject | undefined> {
    const { name, preset, set } = of;
    const space = compilePsa(loadPsa(preset, { set: [...set] }));
    const before =
      space.count <= largestTable ? undefined : known.find((optimum) => stillHolds(space, objective, optimum));
    if (before !== undefined) return { name, space, optimum: before, table: undefined };
    const part: StudyPart = { kind: 'optimum', space: name, objective: objective.label };
    const optimum = await unlessAborted(
      this.do(part, `the optimum of the space ${name}`, (plain) => this.readOptimum(space, objective, plain)),
      signal,
    );
    return optimum && { name, space, optimum, table: undefined };
  }

  /** Searches by workers: in parts of several seeds, in any order. */
  runner({ name, optimum }: Subject, { label }: Objective): TrialRunner {
    const searched = async (trials: readonly SeededTrial[]): Promise<readonly History[]> => {
      const { agent, budget, parameters } = trials[0]!;
      const kind = { kind: 'trials', space: name, objective: label, optimum: optimum.value, agent, budget } as const;
      const seeds = trials.map(({ seed }) => seed);
      const part: StudyPart = { ...kind, ...(parameters === undefined ? {} : { parameters }), seeds };
      const title = `${name}: ${agent}, ${budget} evaluations, seeds ${seeds[0]} to ${seeds.at(-1)}`;
      return this.do(part, title, (plain) => historiesSchema.length(seeds.length).parse(plain));
    };
    return {
      async run(trials, onDone, signal) {
        const all = batchesOf(trials).map(async (batch) => {
          const histories = await searched(batch);
          if (signal?.aborted === true) return;
          for (const [i, trial] of batch.entries()) onDone(trial, histories[i]!);
        });
        const outcomes = await unlessAborted(Promise.allSettled(all), signal);
        const failed = outcomes?.find((outcome) => outcome.status === 'rejected');
        if (failed !== undefined) throw failed.reason;
      },
      async close() {},
    };
  }

  private readOptimum(space: CompiledSpace, objective: Objective, plain: unknown): Subject['optimum'] {
    const optimum = optimumSchema.parse(plain);
    if (!stillHolds(space, objective, optimum)) throw new Error('the optimum is not of this space');
    return optimum;
  }

  /** Has a part done, and reads what it came to. */
  private async do<T>(part: StudyPart, title: string, read: (plain: unknown) => T): Promise<T> {
    const { bytes } = await this.queue.run(part, title);
    try {
      return read(parsedJson(bytes.toString()));
    } catch {
      throw queueError(this.queue.address, `${title} has no result of ours`, 'see who else writes to the server');
    }
  }
}

/** Searches that differ in their seeds alone, some in each. */
function batchesOf(trials: readonly SeededTrial[]): SeededTrial[][] {
  const kinds = new Map<string, SeededTrial[][]>();
  for (const trial of trials) {
    const { agent, budget, parameters } = trial;
    const key = JSON.stringify([agent, budget, parameters]);
    const batches = kinds.get(key) ?? kinds.set(key, [[]]).get(key)!;
    if (batches.at(-1)!.length === SEEDS_PER_PART) batches.push([]);
    batches.at(-1)!.push(trial);
  }
  return [...kinds.values()].flat();
}
