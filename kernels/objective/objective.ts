import { CosmicError } from '../../psa/errors.js';
import { OUTPUT } from '../outputs.js';

/**
 * What is minimised: scale · time^a · bandwidth^b · cost^c · memory^d, with time in s, bandwidth in GB/s per NPU, cost in $
 * and memory in GB; or, for the reference's reward r = 1/√(1 + (x − 1)²), the 1/r of such a product x.
 * Exponents are whole numbers, so that f32 needs no pow.
 */
export interface Objective {
  readonly label: string;
  readonly unit: string;
  /** time, bandwidth, cost, memory */
  readonly exponents: readonly [number, number, number, number];
  readonly scale: number;
  readonly reward: boolean;
}

const TERMS = ['time', 'bandwidth', 'cost', 'memory'] as const;
const UNITS = ['s', 'GB/s', '$', 'GB'] as const;

/** Reference: obs = time in ns × (Σ links·bandwidth)/2000, time in ns × network cost in $, time in ns. */
const REWARDS: Record<string, Objective> = {
  'reward-bandwidth': {
    label: 'reward-bandwidth',
    unit: '1/reward',
    exponents: [1, 1, 0, 0],
    scale: 1e9 / 2000,
    reward: true,
  },
  'reward-cost': { label: 'reward-cost', unit: '1/reward', exponents: [1, 0, 1, 0], scale: 1e9, reward: true },
  'reward-time': { label: 'reward-time', unit: '1/reward', exponents: [1, 0, 0, 0], scale: 1e9, reward: true },
};

function unitOf(exponents: readonly number[]): string {
  return exponents
    .flatMap((exponent, i) => (exponent === 0 ? [] : [exponent === 1 ? UNITS[i] : `(${UNITS[i]})^${exponent}`]))
    .join(' × ');
}

/**
 * Reads an objective: `time`, `memory`, `time*bandwidth`, `time*cost`, any product with whole powers (`time^2*cost`,
 * negative ones to maximise), or the reference's `reward-bandwidth`, `reward-cost`, `reward-time`.
 *
 * @throws CosmicError ARGUMENT
 * @example
 * parseObjective('time*cost').exponents; // [1, 0, 1, 0]
 */
export function parseObjective(text: string): Objective {
  const named = REWARDS[text];
  if (named !== undefined) return named;
  const exponents: [number, number, number, number] = [0, 0, 0, 0];
  for (const factor of text.split(/[*×]/)) {
    const match = /^\s*(\w+)\s*(?:\^\s*(-?\d+))?\s*$/.exec(factor);
    const term = TERMS.indexOf((match?.[1] ?? '') as (typeof TERMS)[number]);
    const exponent = Number(match?.[2] ?? 1);
    if (term < 0 || Math.abs(exponent) > 4) {
      throw new CosmicError('ARGUMENT', `objective '${text}' is not understood at '${factor.trim()}'`, {
        remedy: `use a product of ${TERMS.join(', ')} with whole powers up to 4, such as time*cost or time^2*memory, or one of ${Object.keys(REWARDS).join(', ')}`,
      });
    }
    exponents[term]! += exponent;
  }
  const label = TERMS.flatMap((term, i) => {
    const exponent = exponents[i]!;
    return exponent === 0 ? [] : [exponent === 1 ? term : `${term}^${exponent}`];
  }).join(' × ');
  return { label, unit: unitOf(exponents), exponents, scale: 1, reward: false };
}

/** Does the objective look at the network's price? Then a design without a price is infeasible. */
export function usesCost(objectives: readonly Objective[]): boolean {
  return objectives.some((objective) => objective.exponents[2] !== 0);
}

/** Numbers of an objective as the kernels read them. */
export const OBJECTIVE_STRIDE = 6;

/** Objectives as the kernels read them: four exponents, scale, reward, each {@link OBJECTIVE_STRIDE} numbers. */
export function packObjectives(objectives: readonly Objective[]): Float64Array {
  return Float64Array.from(objectives.flatMap((o) => [...o.exponents, o.scale, o.reward ? 1 : 0]));
}

/** x to a whole power by repeated multiplication. */
function wholePower(x: number, exponent: number): number {
  let product = 1;
  for (let i = 0; i < Math.abs(exponent); i++) product *= x;
  return exponent < 0 ? 1 / product : product;
}

/** Value of the packed objective at `offset`, for a row of outputs at `row`. Smaller is better. */
export function objectiveValue(packed: Float64Array, offset: number, outputs: Float64Array, row: number): number {
  const timeS = outputs[row + OUTPUT.timeUs]! * 1e-6;
  const memoryGB = outputs[row + OUTPUT.memoryMB]! * 1e-3;
  const product =
    packed[offset + 4]! *
    wholePower(timeS, packed[offset]!) *
    wholePower(outputs[row + OUTPUT.bandwidthGBps]!, packed[offset + 1]!) *
    wholePower(outputs[row + OUTPUT.costUsd]!, packed[offset + 2]!) *
    wholePower(memoryGB, packed[offset + 3]!);
  if (packed[offset + 5] === 0) return product;
  return Math.sqrt(1 + (product - 1) * (product - 1));
}
