import { addTo, evaluateOnBoth, inOrder } from './bothBackends.js';
import { Comparison, type Verdict } from './comparison.js';
import { randomSpace } from './randomSpaces.js';

/** What to fuzz. */
export interface FuzzRequest {
  readonly spaces: number;
  /** Whole number, 0 … 2^32 − 1. */
  readonly seed: number;
  /** Random designs of each space; 500 unless given. */
  readonly designs?: number;
  /** Called after each space, with how many are done. */
  readonly onProgress?: (done: number) => void;
  /** Ends the fuzz after the spaces in progress. */
  readonly signal?: AbortSignal;
}

/** How far WebGPU (f32) is from the CPU (f64) on designs of random spaces. */
export interface FuzzResult extends Verdict {
  readonly spaces: number;
  readonly designs: number;
  /** Designs without a status. */
  readonly feasible: number;
  readonly seed: number;
}

/**
 * Draws random spaces over all parameters and the whole of their bounds, and random designs of each, feasible or not; evaluates
 * them on WebGPU and on the CPU, and compares every output and status. `randomSpace(seed, n)` is the space `fuzz-<seed>-<n>`.
 *
 * @throws CosmicError NO_ADAPTER, SHADER
 * @example
 * const { passed, failures } = await fuzzBackends({ spaces: 20, seed: 1 });
 */
export async function fuzzBackends({
  spaces,
  seed,
  designs = 500,
  onProgress,
  signal,
}: FuzzRequest): Promise<FuzzResult> {
  const comparison = new Comparison();
  const numbers = Array.from({ length: spaces }, (_, i) => i);
  const evaluate = (number: number) =>
    evaluateOnBoth(randomSpace(seed, number).compile(), { kind: 'samples', seed, start: 0n, count: designs });
  let done = 0;
  let feasible = 0;
  for await (const evaluated of inOrder(numbers, evaluate, signal)) {
    const { space, reference } = evaluated;
    addTo(comparison, evaluated, { space: space.name, system: space.systemName, model: space.workload.name, held: [] });
    feasible += reference.status.filter((status) => status === 0).length;
    done++;
    onProgress?.(done);
  }
  return {
    spaces: done,
    designs: done * designs,
    feasible,
    seed,
    ...comparison.verdict(),
  };
}
