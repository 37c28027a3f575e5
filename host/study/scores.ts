import type { Evaluated } from '../../agents/agent.js';
import { splitFitness } from '../../agents/shared/population.js';
import { fitness } from '../../kernels/objective/fitness.js';
import { Goal } from '../../kernels/objective/goal.js';
import type { Objective } from '../../kernels/objective/objective.js';
import type { CompiledSpace } from '../../psa/space.js';
import { createEngine } from '../backends/cpu/engine.js';
import type { Evaluator } from '../backends/evaluator.js';
import { createScorer } from '../search/score.js';

/** What an agent is told of the designs that it asked for. */
export type Score = (digits: Uint32Array, count: number) => Evaluated;

/** Spaces up to this size are evaluated once and for all, unless told: 8 bytes a design. */
export const LARGEST_TABLE = 2n ** 24n;

/** Designs that are evaluated at a time. */
const CHUNK = 2 ** 16;

/** The fitness of each design of a space, which threads share; the last gene is the fastest. */
export type ScoreTable = Float64Array<SharedArrayBuffer>;

/**
 * Evaluates all designs of a space.
 *
 * @param onChunk is told how many are done
 * @param signal ends it after the chunk in progress: the table is then undefined
 */
export async function tabulate(
  evaluator: Evaluator,
  objective: Objective,
  onChunk: (done: number) => void = () => {},
  signal?: AbortSignal,
): Promise<ScoreTable | undefined> {
  const { space } = evaluator;
  const total = Number(space.count);
  const table = new Float64Array(new SharedArrayBuffer(8 * total));
  const score = createScorer(space, new Goal(space, [objective]));
  for (let start = 0; start < total; start += CHUNK) {
    if (signal?.aborted === true) return undefined;
    const count = Math.min(CHUNK, total - start);
    const digits = digitsFrom(space, start, count);
    const { objectives, violations } = score(digits, await evaluator.evaluate({ kind: 'digits', digits, count }));
    for (let i = 0; i < count; i++) table[start + i] = fitness(objectives[i]!, violations[i]!);
    onChunk(start + count);
  }
  return table;
}

/** Rows of digits of the designs at start … start + count − 1 of a table. */
export function digitsFrom({ genes }: CompiledSpace, start: number, count: number): Uint32Array {
  const width = genes.length;
  const digits = new Uint32Array(count * width);
  for (let i = 0; i < count; i++) {
    let rest = start + i;
    for (let g = width - 1; g >= 0; g--) {
      const { size } = genes[g]!;
      digits[i * width + g] = rest % size;
      rest = Math.floor(rest / size);
    }
  }
  return digits;
}

/** Looks scores up in a table. */
export function tableScore({ genes }: CompiledSpace, table: ScoreTable): Score {
  const width = genes.length;
  const sizes = Uint32Array.from(genes, ({ size }) => size);
  return (digits, count) => {
    const objectives = new Float64Array(count);
    const violations = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      let index = 0;
      for (let g = 0; g < width; g++) index = index * sizes[g]! + digits[i * width + g]!;
      [objectives[i], violations[i]] = splitFitness(table[index]!);
    }
    return { digits, objectives, violations };
  };
}

/** The score that a table would have: it keeps one number of each design, which rounds violations. */
export function scoreLikeTable(space: CompiledSpace, objective: Objective): Score {
  const evaluate = engineScore(space, objective);
  return (digits, count) => {
    const { objectives, violations } = evaluate(digits, count);
    for (let i = 0; i < count; i++) {
      [objectives[i], violations[i]] = splitFitness(fitness(objectives[i]!, violations[i]!));
    }
    return { digits, objectives, violations };
  };
}

/** Evaluates designs on this thread. */
export function engineScore(space: CompiledSpace, objective: Objective): Score {
  const engine = createEngine(space);
  const score = createScorer(space, new Goal(space, [objective]));
  return (digits, count) => {
    const { objectives, violations } = score(digits, engine.evaluate({ kind: 'digits', digits, count }));
    return { digits, objectives, violations };
  };
}
