/** Random designs per second of each backend, every output computed, all in one run and in turns, so that the ratios hold even on a noisy machine. */
import { createEvaluator, type Evaluator, parseObjective } from '../host/index.js';
import type { CompiledSpace } from '../psa/index.js';
import { type Spread, spreadOf } from './statistics.js';

export interface ThroughputResult extends Spread {
  readonly backend: string;
  readonly description: string;
  readonly objective: string;
  /** Designs of one run. */
  readonly designs: number;
  /** Of each run, in order. */
  readonly designsPerSecond: readonly number[];
}

interface Contender {
  readonly backend: string;
  readonly objective: string;
  readonly evaluator: Evaluator;
  readonly rates: number[];
  /** Sized in the warm-up. */
  designs: number;
  /** Every run draws new designs. */
  next: bigint;
}

const RUNS = 7;
const RUN_SECONDS = 1.5;
const FIRST_DESIGNS = 2048;

/** Sweeps the next `designs` random designs, and tells how long that took. */
async function sweepSeconds(contender: Contender): Promise<number> {
  const { evaluator, objective, designs, next } = contender;
  const start = performance.now();
  await evaluator.sweep({
    source: { kind: 'samples', seed: 1 },
    start: next,
    count: BigInt(designs),
    objectives: [parseObjective(objective)],
    top: 10,
    pareto: false,
    everyOutput: true,
  });
  contender.next += BigInt(designs);
  return (performance.now() - start) / 1000;
}

/** Compiles shaders, starts workers, heats caches; sizes the runs on the way. */
async function warmUp(contender: Contender): Promise<void> {
  // Compiling takes longer than a small run, and says nothing about the next.
  await sweepSeconds(contender);
  let seconds = 0;
  for (let i = 0; i < 12 && seconds < RUN_SECONDS / 2; i++) {
    seconds = await sweepSeconds(contender);
    contender.designs = Math.ceil(contender.designs * Math.min(8, RUN_SECONDS / seconds));
  }
}

async function contenders(space: CompiledSpace, cores: number, hasAdapter: boolean): Promise<Contender[]> {
  const add = async (backend: string, objective: string, evaluator: Promise<Evaluator>): Promise<Contender> => ({
    backend,
    objective,
    evaluator: await evaluator,
    rates: [],
    designs: FIRST_DESIGNS,
    next: 0n,
  });
  const cpu = (threads: number) => createEvaluator(space, { backend: 'cpu', threads });
  return [
    await add('cpu, 1 thread', 'time', cpu(1)),
    ...(cores > 1 ? [await add(`cpu, ${cores} threads`, 'time', cpu(cores))] : []),
    ...(hasAdapter ? [await add('webgpu', 'time', createEvaluator(space, { backend: 'webgpu' }))] : []),
    await add('gpujs', 'cost', createEvaluator(space, { backend: 'gpujs' })),
  ];
}

function summary({ backend, objective, evaluator, designs, rates }: Contender): ThroughputResult {
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
  for (const contender of all) await warmUp(contender);
  for (let run = 0; run < RUNS; run++) {
    for (const contender of all) contender.rates.push(contender.designs / (await sweepSeconds(contender)));
  }
  for (const { evaluator } of all) await evaluator.close();
  return all.map(summary);
}
