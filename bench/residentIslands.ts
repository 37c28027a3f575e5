/** Evolution that stays on the device, against a sweep of random designs there. */
import { createEvaluator, type Evaluator, parseObjective, search } from '../host/index.js';
import { median } from '../host/statistics/statistics.js';
import type { CompiledSpace } from '../psa/index.js';
import { timeSweep } from './timedSweep.js';

export interface EvolutionResult {
  /** Islands and designs of each. */
  readonly islands: number;
  readonly population: number;
  /** Designs of one run. */
  readonly designs: number;
  /** Designs per second, medians of runs in turns. */
  readonly evolution: number;
  readonly sweep: number;
  /** Median of the runs' own ratios. */
  readonly ratio: number;
}

const RUNS = 5;
const RUN_SECONDS = 2.5;
const FIRST_DESIGNS = 2 ** 18;
/** A generation of 65,536 designs. */
const ISLANDS = 1024;
const POPULATION = 64;

const OBJECTIVE = 'time*cost';

async function evolutionRate(evaluator: Evaluator, designs: number, seed: number): Promise<number> {
  const objective = parseObjective(OBJECTIVE);
  const request = { agent: 'island-ga', islands: ISLANDS, population: POPULATION, objective, top: 10 } as const;
  const began = performance.now();
  await search(evaluator, { ...request, evaluations: designs, seed });
  return (1000 * designs) / (performance.now() - began);
}

async function sweepRate(evaluator: Evaluator, designs: number, run: number): Promise<number> {
  const sweep = { evaluator, source: { kind: 'samples', seed: 1 }, objective: OBJECTIVE } as const;
  return designs / (await timeSweep(sweep, BigInt(run) * BigInt(designs), designs)).seconds;
}

/** Searches and sweeps of as many designs, in turns, each of some seconds. */
export async function measureEvolution(space: CompiledSpace): Promise<EvolutionResult> {
  const evaluator = await createEvaluator(space, { backend: 'webgpu' });
  try {
    // The first compiles, the second tells how many designs take long enough.
    await evolutionRate(evaluator, FIRST_DESIGNS, 0);
    await sweepRate(evaluator, FIRST_DESIGNS, 0);
    const generation = ISLANDS * POPULATION;
    const known = await sweepRate(evaluator, FIRST_DESIGNS, 1);
    const designs = generation * Math.max(4, Math.ceil((known * RUN_SECONDS) / generation));
    const rates: { evolution: number; sweep: number }[] = [];
    for (let run = 1; run <= RUNS; run++) {
      const evolution = await evolutionRate(evaluator, designs, run);
      rates.push({ evolution, sweep: await sweepRate(evaluator, designs, run) });
    }
    return {
      islands: ISLANDS,
      population: POPULATION,
      designs,
      evolution: Math.round(median(rates.map(({ evolution }) => evolution))),
      sweep: Math.round(median(rates.map(({ sweep }) => sweep))),
      ratio: median(rates.map(({ evolution, sweep }) => evolution / sweep)),
    };
  } finally {
    await evaluator.close();
  }
}
