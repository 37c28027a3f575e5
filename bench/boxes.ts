/** Boxes of designs that each backend bounds a second, all in one run and in turns: what a proof spends its time on. */
import type { BoxesRequest } from '../host/backends/evaluator.js';
import { type Evaluator, parseObjective } from '../host/index.js';
import { rulesOf } from '../host/profiles/profiles.js';
import { halves, openGenes, packBoxes } from '../host/proof/boxes.js';
import { rootsOf } from '../host/proof/roots.js';
import type { CompiledSpace } from '../psa/index.js';
import { openContenders } from './contenders.js';
import { type Spread, spreadOf } from './statistics.js';

export interface BoxesResult extends Spread {
  readonly backend: string;
  /** Boxes of one run. */
  readonly boxes: number;
}

const RUNS = 5;
/** Roots, of which each run bounds the halves in each gene, as the first waves of a proof do. */
const ROOTS = 1000;

function requestOf(space: CompiledSpace): BoxesRequest {
  const roots = rootsOf(space, rulesOf(space.workload).singleGenes(space));
  // From all over the space: neighbours are infeasible together.
  const step = roots.count / BigInt(ROOTS) || 1n;
  const chosen = Array.from({ length: ROOTS }, (_, i) => roots.boxes((BigInt(i) * step) % roots.count, 1)[0]!);
  const boxes = chosen.flatMap((root) => openGenes(root).flatMap((gene) => halves(root, gene)));
  return {
    objectives: [parseObjective('time*cost')],
    limits: [],
    count: boxes.length,
    ...packBoxes(space, boxes),
    both: false,
    threshold: Number.POSITIVE_INFINITY,
  };
}

async function rate(evaluator: Evaluator, request: BoxesRequest): Promise<number> {
  const began = performance.now();
  await evaluator.bound!(request);
  return (request.count * 1000) / (performance.now() - began);
}

export async function measureBoxes(space: CompiledSpace, cores: number, hasAdapter: boolean): Promise<BoxesResult[]> {
  const request = requestOf(space);
  const contenders = (await openContenders(space, cores, hasAdapter)).map((contender) => ({
    ...contender,
    rates: [] as number[],
  }));
  // The first compiles shaders and starts workers.
  for (const { evaluator } of contenders) await rate(evaluator, request);
  for (let run = 0; run < RUNS; run++) {
    for (const { evaluator, rates } of contenders) rates.push(await rate(evaluator, request));
  }
  for (const { evaluator } of contenders) await evaluator.close();
  return contenders.map(({ backend, rates }) => ({ backend, boxes: request.count, ...spreadOf(rates) }));
}
