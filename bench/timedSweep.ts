/** Sweeps that are timed: what most benchmarks are made of. */
import { type Evaluator, parseObjective, type SweepRequest } from '../host/index.js';

/** A clock that stands still while nothing is measured by it, s. */
export type Clock = () => number;

const wallClock: Clock = () => performance.now() / 1000;

/** Processor time of all threads of this process. */
export const processorClock: Clock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** What is swept. */
export interface TimedSweep {
  readonly evaluator: Evaluator;
  readonly source: SweepRequest['source'];
  readonly objective: string;
  /** Objectives' outputs alone unless given. */
  readonly everyOutput?: boolean;
}

/** Seconds of one sweep, and how many of its designs are feasible. */
export interface SweepTime {
  readonly seconds: number;
  readonly feasible: bigint;
}

/** Sweeps some designs for the ten best. */
export async function timeSweep(
  { evaluator, source, objective, everyOutput = false }: TimedSweep,
  start: bigint,
  designs: number,
  clock: Clock = wallClock,
): Promise<SweepTime> {
  const began = clock();
  const objectives = [parseObjective(objective)];
  const part = await evaluator.sweep({
    ...{ source, start, count: BigInt(designs), objectives, top: 10, pareto: false, everyOutput },
  });
  return { seconds: clock() - began, feasible: part.feasible };
}

/** How runs are sized. */
export interface RunSize {
  /** What a run should take. */
  readonly seconds: number;
  readonly firstDesigns: number;
}

/** Sweeps of a warm-up at most. */
const WARM_UPS = 12;
/** A run is no more than so many times as large as the one before. */
const MOST_GROWTH = 8;

/** Compiles shaders, starts workers, heats caches; the designs of a run that takes about as long as it should. */
export async function warmUp(
  sweep: (designs: number) => Promise<number>,
  { seconds: wanted, firstDesigns }: RunSize,
): Promise<number> {
  // Compiling takes longer than a small run, and says nothing about the next.
  await sweep(firstDesigns);
  let designs = firstDesigns;
  for (let seconds = 0, i = 0; i < WARM_UPS && seconds < wanted / 2; i++) {
    seconds = await sweep(designs);
    designs = nextSize(designs, seconds, wanted);
  }
  return designs;
}

/** The size of the next run, by the seconds that this one took. */
export function nextSize(designs: number, seconds: number, wanted: number, leastGrowth = 0): number {
  return Math.ceil(designs * Math.min(MOST_GROWTH, Math.max(leastGrowth, wanted / seconds)));
}
