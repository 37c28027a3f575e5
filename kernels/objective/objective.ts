import type { Place } from '../../psa/document.js';
import { CosmicError, excerpt } from '../../psa/errors.js';
import { OUTPUT, type OutputName, QUANTITIES, type QuantityDefinition } from '../outputs.js';

/** A factor of an objective: an output in the unit that people write, to a power. */
export interface Term {
  readonly output: OutputName;
  /** From the output's own unit. */
  readonly factor: number;
  /** A whole number but 0, at most {@link MAX_EXPONENT} either way, so that f32 needs no pow. */
  readonly exponent: number;
}

/**
 * What is minimised: scale · time^a · bandwidth^b · cost^c · memory^d, with time in s, bandwidth in GB/s per NPU, cost in $
 * and memory in GB; or, for the reference's reward r = 1/√(1 + (x − 1)²), the 1/r of such a product x.
 */
export interface Objective {
  readonly label: string;
  readonly unit: string;
  /** One for each quantity that it names, at most {@link MAX_TERMS}. */
  readonly terms: readonly Term[];
  readonly scale: number;
  readonly reward: boolean;
}

type Factor = QuantityDefinition & { readonly objective: object };

/** The quantities that may be factors of an objective. */
const FACTORS = (QUANTITIES as readonly QuantityDefinition[]).filter(
  (quantity): quantity is Factor => quantity.objective !== undefined,
);

/** Quantities of one objective. */
export const MAX_TERMS = 4;

/** Largest power of a quantity. */
export const MAX_EXPONENT = 4;

/** The product of quantities to whole powers, by the names of the quantities. */
function product(exponents: ReadonlyMap<string, number>): Omit<Objective, 'scale' | 'reward'> {
  const used = FACTORS.flatMap(({ name, output, objective: { unit, factor } }) => {
    const exponent = exponents.get(name) ?? 0;
    return exponent === 0 ? [] : [{ name, unit, term: { output, factor, exponent } }];
  });
  return {
    label: used.map(({ name, term: { exponent } }) => (exponent === 1 ? name : `${name}^${exponent}`)).join(' × '),
    unit: used.map(({ unit, term: { exponent } }) => (exponent === 1 ? unit : `(${unit})^${exponent}`)).join(' × '),
    terms: used.map(({ term }) => term),
  };
}

function reward(label: string, scale: number, ...names: readonly string[]): Objective {
  return { ...product(new Map(names.map((name) => [name, 1]))), label, unit: '1/reward', scale, reward: true };
}

/** Reference: obs = time in ns × (Σ links·bandwidth)/2000, time in ns × network cost in $, time in ns. */
const REWARDS: readonly Objective[] = [
  reward('reward-bandwidth', 1e9 / 2000, 'time', 'bandwidth'),
  reward('reward-cost', 1e9, 'time', 'cost'),
  reward('reward-time', 1e9, 'time'),
];

/**
 * Reads an objective: `time`, `memory`, `time*bandwidth`, `time*cost`, any product with whole powers (`time^2*cost`,
 * negative ones to maximise), or the reference's `reward-bandwidth`, `reward-cost`, `reward-time`.
 *
 * @param place where it is written, for the error
 * @throws CosmicError ARGUMENT
 * @example
 * parseObjective('time*cost').terms.map(({ output }) => output); // ['timeUs', 'costUsd']
 */
export function parseObjective(text: string, place: Place = {}): Objective {
  const named = REWARDS.find(({ label }) => label === text);
  if (named !== undefined) return named;
  const exponents = new Map<string, number>();
  for (const part of text.split(/[*×]/)) {
    const [, name = '', power = '1'] = /^\s*(\w+)\s*(?:\^\s*(-?\d+))?\s*$/.exec(part) ?? [];
    const exponent = (exponents.get(name) ?? 0) + Number(power);
    if (!FACTORS.some((quantity) => quantity.name === name) || Math.abs(exponent) > MAX_EXPONENT) {
      const where = part.trim() === '' ? ': a quantity is missing' : ` at '${excerpt(part.trim())}'`;
      throw new CosmicError('ARGUMENT', `objective '${excerpt(text)}' is not understood${where}`, {
        ...place,
        remedy: `use a product of ${namesOf(FACTORS)} with whole powers up to ${MAX_EXPONENT}, such as time*cost or time^2*memory, or one of ${REWARDS.map(({ label }) => label).join(', ')}`,
      });
    }
    exponents.set(name, exponent);
  }
  if (exponents.size > MAX_TERMS) {
    throw new CosmicError('ARGUMENT', `objective '${excerpt(text)}' names ${exponents.size} quantities`, {
      ...place,
      remedy: `use at most ${MAX_TERMS}`,
    });
  }
  return { ...product(exponents), scale: 1, reward: false };
}

function namesOf(quantities: readonly QuantityDefinition[]): string {
  return quantities.map(({ name }) => name).join(', ');
}

/** Is the objective no smaller where the step takes longer and all else stays? Then a bound of the time bounds it. */
export function growsWithTime({ terms, reward }: Objective): boolean {
  const grows = ({ output, exponent }: Term): boolean => {
    const { withTime } = FACTORS.find((quantity) => quantity.output === output)!;
    return withTime === 'stays' || (withTime === 'grows') === exponent > 0;
  };
  return !reward && terms.every(grows);
}

/** Places of a packed objective: scale, 1 for a reward, then {@link MAX_TERMS} terms. */
export const OBJECTIVE = { scale: 0, reward: 1, terms: 2 } as const;

/** Places of a packed term: of the output in a result row, factor, and exponent, which is 0 behind the last term. */
export const TERM = { output: 0, factor: 1, exponent: 2 } as const;
export const TERM_STRIDE = 3;

/** Numbers of a packed objective. */
export const OBJECTIVE_STRIDE = OBJECTIVE.terms + MAX_TERMS * TERM_STRIDE;

/** Objectives as the kernels read them, each {@link OBJECTIVE_STRIDE} numbers. */
export function packObjectives(objectives: readonly Objective[]): Float64Array {
  const packed = new Float64Array(objectives.length * OBJECTIVE_STRIDE);
  objectives.forEach(({ scale, reward, terms }, k) => {
    const numbers = terms.flatMap(({ output, factor, exponent }) => [OUTPUT[output], factor, exponent]);
    packed.set([scale, reward ? 1 : 0, ...numbers], k * OBJECTIVE_STRIDE);
  });
  return packed;
}

/** x to a whole power by repeated multiplication. */
function wholePower(x: number, exponent: number): number {
  let product = 1;
  for (let i = 0; i < Math.abs(exponent); i++) product *= x;
  return exponent < 0 ? 1 / product : product;
}

/** From this distance on √(1 + distance²) is the distance, in f64 as in f32. */
export const FAR_FROM_ONE = 1e9;

/** 1/r of the reference's reward r = 1/√(1 + (x − 1)²). Far from 1 the distance itself, whose square f32 does not hold. */
export function inverseReward(x: number): number {
  const distance = Math.abs(x - 1);
  return distance > FAR_FROM_ONE ? distance : Math.sqrt(1 + distance * distance);
}

/** Value of the packed objective at `offset`, for a row of outputs at `row`. Smaller is better. */
export function objectiveValue(packed: Float64Array, offset: number, outputs: Float64Array, row: number): number {
  let product = packed[offset + OBJECTIVE.scale]!;
  for (let term = 0; term < MAX_TERMS; term++) {
    const at = offset + OBJECTIVE.terms + term * TERM_STRIDE;
    const exponent = packed[at + TERM.exponent]!;
    if (exponent === 0) break;
    const value = outputs[row + packed[at + TERM.output]!]! * packed[at + TERM.factor]!;
    product *= wholePower(value, exponent);
  }
  return packed[offset + OBJECTIVE.reward] === 0 ? product : inverseReward(product);
}
