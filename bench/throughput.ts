/** Random designs per second of each backend, every output computed, all in one run and in turns, so that the ratios hold even on a noisy machine. */
import { createEvaluator, type Evaluator } from '../host/index.js';
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

interface Timed extends Contender, TimedSweep {
  readonly rates: number[];
  /** Sized in the warm-up. */
  designs: number;
  /** Every run draws new designs. */
  next: bigint;
}

const RUNS = 7;
const RUN_SECONDS = 1.5;
const FIRST_DESIGNS = 2048;

/** Sweeps the next random designs, and tells how long that took. */
async function sweepNext(contender: Timed, designs: number): Promise<number> {
  const { seconds } = await timeSweep(contender, contender.next, designs);
  contender.next += BigInt(designs);
  return seconds;
}

async function contenders(space: CompiledSpace, cores: number, hasAdapter: boolean): Promise<Timed[]> {
  const add = (backend: string, objective: string, evaluator: Evaluator): Timed => ({
    backend,
    objective,
    evaluator,
    source: { kind: 'samples', seed: 1 },
    everyOutput: true,
    rates: [],
    designs: FIRST_DESIGNS,
    next: 0n,
  });
  const own = await openContenders(space, cores, hasAdapter);
  return [
    ...own.map(({ backend, evaluator }) => add(backend, 'time', evaluator)),
    add('gpujs', 'cost', await createEvaluator(space, { backend: 'gpujs' })),
  ];
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

export async function measureThroughput(
  space: CompiledSpace,
  cores: number,
  hasAdapter: boolean,
): Promise<ThroughputResult[]> {
  const all = await contenders(space, cores, hasAdapter);
  const size = { seconds: RUN_SECONDS, firstDesigns: FIRST_DESIGNS };
  for (const contender of all) contender.designs = await warmUp((designs) => sweepNext(contender, designs), size);
  for (let run = 0; run < RUNS; run++) {
    for (const contender of all) {
      contender.rates.push(contender.designs / (await sweepNext(contender, contender.designs)));
    }
  }
  for (const { evaluator } of all) await evaluator.close();
  return all.map(summary);
}
