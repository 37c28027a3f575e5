import { parseObjective } from '../../kernels/objective/objective.js';
import type { SweepPart } from '../../kernels/reduce/reduce.js';
import type { SweepRequest } from '../evaluator.js';
import type { SweepSettings } from '../runs/manifest.js';
import { partFromPlain, partToPlain } from '../runs/sweepCheckpoint.js';
import { Checkpoints } from './checkpoints.js';
import { interruptible } from './interrupt.js';
import { Progress } from './progress.js';
import type { Session } from './session.js';
import {
  type SweepContext,
  type SweepOutcome,
  sweepJson,
  sweepLines,
  sweepOutcome,
  writeSweep,
} from './sweepReport.js';

type SweepSession = Session<SweepSettings>;

/** The sweep that settings describe. */
export function requestOf(settings: SweepSettings): SweepRequest {
  const { source, start, count, objectives, top, pareto } = settings;
  return {
    source,
    start: BigInt(start),
    count: BigInt(count),
    objectives: objectives.map(parseObjective),
    top,
    pareto,
  };
}

/** Runs a sweep to its end or to Ctrl-C, shows what it found, and writes the run. */
export async function runSweep(session: SweepSession, json: boolean): Promise<void> {
  const { evaluator } = session;
  try {
    const { part, checkpoints } = await interruptible((interrupt) => advance(session, interrupt));
    const outcome = sweepOutcome(session, part);
    checkpoints.attempt(() => writeSweep(session, outcome));
    printSweep(session, outcome, json);
    checkpoints.finish();
  } finally {
    await evaluator.close();
  }
}

/** Prints what a sweep found. */
export function printSweep(context: SweepContext, outcome: SweepOutcome, json: boolean): void {
  const text = json ? JSON.stringify(sweepJson(context, outcome), null, 2) : sweepLines(context, outcome).join('\n');
  process.stdout.write(`${text}\n`);
}

async function advance(session: SweepSession, interrupt: AbortSignal) {
  const { evaluator, run, checkpoint } = session;
  const request = requestOf(session.settings);
  const before = checkpoint === undefined ? undefined : partFromPlain(checkpoint, run.path);
  const checkpoints = new Checkpoints(run, interrupt);
  const progress = new Progress(Number(request.count), Number(before?.evaluated ?? 0n), request.objectives[0]!.unit);
  const control = {
    signal: checkpoints.signal,
    onChunk: async (finished: SweepPart) => {
      progress.update(Number(finished.evaluated), finished.top[0]?.objectives[0]);
      await checkpoints.offer(() => partToPlain(finished));
    },
  };
  try {
    return { part: await evaluator.sweep(request, control, before), checkpoints };
  } finally {
    progress.stop();
  }
}
