import { z } from 'zod';
import { fillRows } from '../../shared/distribution.js';
import { numbers } from '../../shared/savedState.js';
import type { RandomStream } from '../../shared/stream.js';

/** Threshold of the signal-to-noise ratio (Akimoto et al. 2019). */
const SNR = 1.5;

/** A state of variables with so many categories each. */
export function categoryState(sizes: readonly number[]) {
  const isOfSizes = (rows: readonly (readonly number[])[]) =>
    rows.length === sizes.length && sizes.every((size, i) => rows[i]!.length === size);
  return z.strictObject({
    probabilities: z.array(numbers).refine(isOfSizes, 'each category has a probability'),
    accumulated: numbers.length(degreesOf(sizes)),
    gamma: z.number(),
    trust: z.number().positive(),
  });
}

type CategoryState = z.infer<ReturnType<typeof categoryState>>;

/** Probabilities that are free to change: of each variable all but one. */
function degreesOf(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size - 1, 0);
}

/**
 * Independent categorical distributions, moved along the natural gradient with an adaptive trust region (ASNG; Akimoto et
 * al., "Adaptive stochastic natural gradient method for one-shot neural architecture search", ICML 2019), each
 * probability above a margin (CatCMA; Hamano et al., arXiv 2405.09962).
 */
export class Categories {
  /** One distribution per variable. */
  readonly probabilities: Float64Array[];
  /** s, γ and Δ of ASNG. */
  private accumulated: number[];
  private gamma: number;
  private trust: number;
  private readonly margins: readonly number[];

  /**
   * @param sizes categories of each variable, at least 2
   * @param alpha smallest probability that a variable leaves its likeliest category
   */
  constructor(
    private readonly sizes: readonly number[],
    alpha: number,
    state?: CategoryState,
  ) {
    this.margins = sizes.map((size) => alpha / (size - 1));
    this.probabilities = sizes.map((size, i) =>
      state === undefined ? new Float64Array(size).fill(1 / size) : Float64Array.from(state.probabilities[i]!),
    );
    this.accumulated = [...(state?.accumulated ?? new Array<number>(degreesOf(sizes)).fill(0))];
    this.gamma = state?.gamma ?? 0;
    this.trust = state?.trust ?? 1;
  }

  get state(): CategoryState {
    return {
      probabilities: this.probabilities.map((row) => [...row]),
      accumulated: [...this.accumulated],
      gamma: this.gamma,
      trust: this.trust,
    };
  }

  /** Fills rows with samples. */
  sample(rows: Uint32Array, stream: RandomStream): void {
    fillRows(this.probabilities, rows, stream);
  }

  /**
   * @param samples a row each
   * @param weights one per sample; those of parents are above 0
   */
  update(samples: Uint32Array, weights: Float64Array): void {
    const gradient = this.probabilities.map((row) => row.map((p) => -p));
    for (let k = 0, at = 0; k < weights.length; k++, at += gradient.length) {
      const weight = weights[k]!;
      if (weight > 0) for (let i = 0; i < gradient.length; i++) gradient[i]![samples[at + i]!]! += weight;
    }
    const scaled = this.scaleByFisher(gradient);
    const norm = Math.hypot(...scaled) + 1e-30;
    const step = 1 / this.trust;
    gradient.forEach((row, i) => {
      for (let c = 0; c < row.length; c++) this.probabilities[i]![c]! += (step / norm) * row[c]!;
    });
    this.adaptTrust(scaled.map((value) => value / norm));
    for (let i = 0; i < this.sizes.length; i++) this.correct(i);
  }

  /** The gradient times the square root of the Fisher matrix (Akimoto et al. 2019, appendix B). */
  private scaleByFisher(gradient: readonly Float64Array[]): number[] {
    return gradient.flatMap((row, i) => {
      const p = this.probabilities[i]!;
      const last = p.length - 1;
      const total = -row[last]!;
      const shared = total / (p[last]! + Math.sqrt(p[last]!));
      return Array.from({ length: last }, (_, c) => row[c]! / Math.sqrt(p[c]!) + Math.sqrt(p[c]!) * shared);
    });
  }

  /** Longer steps while they point the same way, shorter ones in noise. */
  private adaptTrust(direction: readonly number[]): void {
    const beta = 1 / (this.trust * Math.sqrt(direction.length));
    const gain = Math.sqrt(beta * (2 - beta));
    this.accumulated = this.accumulated.map((s, i) => (1 - beta) * s + gain * direction[i]!);
    this.gamma = (1 - beta) ** 2 * this.gamma + beta * (2 - beta);
    const length = this.accumulated.reduce((sum, s) => sum + s * s, 0);
    this.trust *= Math.exp(beta * (this.gamma - length / SNR));
  }

  /** Raises probabilities to the margin, at the cost of those above it. */
  private correct(i: number): void {
    const row = this.probabilities[i]!;
    const margin = this.margins[i]!;
    for (let c = 0; c < row.length; c++) row[c] = Math.max(row[c]!, margin);
    const sum = row.reduce((total, p) => total + p, 0);
    const above = sum - margin * row.length;
    for (let c = 0; c < row.length; c++) row[c]! -= ((sum - 1) * (row[c]! - margin)) / above;
  }
}
