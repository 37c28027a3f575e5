/** Random designs per second of each backend, all in one run and in turns, so that the ratios hold even on a noisy machine. */
import { createEvaluator } from '../host/index.js';
import type { CompiledSpace } from '../psa/index.js';
import { type Contender, openContenders } from './contenders.js';
import { type Spread, spreadOf } from './statistics.js';
import { type TimedSweep, timeSweep, warmUp } from './timedSweep.js';

export interface ThroughputResult extends Spread {
  readonly backend: string;
  readonly description: string;
  readonly objective: string;
  /** Designs of one run. */
  readonly designs: number;
  /** Of each run, in order. */
  readonly designsPerSecond: readonly number[];
}

/** Who is measured, and for what objective. */
export interface Sweeper extends Contender {
  readonly objective: string;
}

/** How often, and of what. */
export interface Turns {
  readonly runs: number;
  /** Of a run. */
  readonly seconds: number;
  readonly firstDesigns: number;
  /** Objectives' outputs alone unless so. */
  readonly everyOutput: boolean;
}

interface Timed extends Sweeper, TimedSweep {
  readonly rates: number[];
  /** Sized in the warm-up. */
  designs: number;
  /** Every run draws new designs. */
  next: bigint;
}

/** Sweeps the next random designs, and tells how long that took. */
async function sweepNext(contender: Timed, designs: number): Promise<number> {
  const { seconds } = await timeSweep(contender, contender.next, designs);
  contender.next += BigInt(designs);
  return seconds;
}

function summary({ backend, objective, evaluator, designs, rates }: Timed): ThroughputResult {
  return {
    backend,
    description: evaluator.description,
    objective,
    designs,
    designsPerSecond: rates.map(Math.round),
    ...spreadOf(rates),
  };
}

/** Each warms up, then all sweep random designs in turns. */
export async function measureInTurns(sweepers: readonly Sweeper[], turns: Turns): Promise<ThroughputResult[]> {
  const { runs, firstDesigns, everyOutput } = turns;
  const all = sweepers.map(
    (sweeper): Timed => ({
      ...sweeper,
      source: { kind: 'samples', seed: 1 },
      everyOutput,
      rates: [],
      designs: firstDesigns,
      next: 0n,
    }),
  );
  for (const contender of all) contender.designs = await warmUp((designs) => sweepNext(contender, designs), turns);
  for (let run = 0; run < runs; run++) {
    for (const contender of all) {
      contender.rates.push(contender.designs / (await sweepNext(contender, contender.designs)));
    }
  }
  return all.map(summary);
}

/** Every output is computed. */
const TURNS: Turns = { runs: 7, seconds: 1.5, firstDesigns: 2048, everyOutput: true };

export async function measureThroughput(
  space: CompiledSpace,
  cores: number,
  hasAdapter: boolean,
): Promise<ThroughputResult[]> {
  const all: Sweeper[] = [
    ...(await openContenders(space, cores, hasAdapter)).map((contender) => ({ ...contender, objective: 'time' })),
    { backend: 'gpujs', objective: 'cost', evaluator: await createEvaluator(space, { backend: 'gpujs' }) },
  ];
  const results = await measureInTurns(all, TURNS);
  for (const { evaluator } of all) await evaluator.close();
  return results;
}
