import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { z } from 'zod';
import { count, numbers } from '../../shared/savedState.js';
import type { RandomStream } from '../../shared/stream.js';
import { temporaryNumbers } from '../../shared/temporary.js';
import { transformRows, weightedOuterProducts } from './rows.js';
import type { Strategy } from './strategy.js';

/** Keeps the smallest standard deviation above 1e-15: beyond it, f64 cannot tell samples from their mean. */
const MIN_EIGENVALUE = 1e-30;

/** A state of n coordinates. */
export function gaussianState(n: number) {
  const row = numbers.length(n);
  return z.strictObject({
    mean: row,
    sigma: z.number().positive(),
    /** Row by row. */
    covariance: numbers.length(n * n),
    pathSigma: row,
    pathC: row,
    scale: row,
    generation: count,
  });
}

type GaussianState = z.infer<ReturnType<typeof gaussianState>>;

/**
 * The multivariate normal distribution N(m, σ²·A·C·A) of CMA-ES with its update (Hansen, arXiv 1604.00772, Fig. 6). The
 * diagonal A is 1 but where a margin widens an integer (Hamano et al., arXiv 2205.13482).
 */
export class Gaussian {
  readonly mean: Float64Array;
  sigma: number;
  /** The diagonal of A. */
  readonly scale: Float64Array;
  /** n × n, row by row. */
  private covariance: Float64Array;
  private pathSigma: Float64Array;
  private pathC: Float64Array;
  private generation: number;
  /** C = B·D²·Bᵀ; undefined after an update, until it is needed. */
  private eigen: { readonly b: Float64Array; readonly d: readonly number[] } | undefined;

  constructor(state: GaussianState) {
    this.mean = Float64Array.from(state.mean);
    this.sigma = state.sigma;
    this.scale = Float64Array.from(state.scale);
    this.covariance = Float64Array.from(state.covariance);
    this.pathSigma = Float64Array.from(state.pathSigma);
    this.pathC = Float64Array.from(state.pathC);
    this.generation = state.generation;
  }

  /** A distribution with independent coordinates. */
  static start([...mean]: readonly number[], deviations: readonly number[], sigma: number): Gaussian {
    const zeros = mean.map(() => 0);
    return new Gaussian({
      mean,
      sigma,
      covariance: deviations.flatMap((deviation, i) => zeros.map((_, j) => (i === j ? deviation * deviation : 0))),
      pathSigma: zeros,
      pathC: zeros,
      scale: mean.map(() => 1),
      generation: 0,
    });
  }

  get state(): GaussianState {
    return {
      mean: [...this.mean],
      sigma: this.sigma,
      covariance: [...this.covariance],
      pathSigma: [...this.pathSigma],
      pathC: [...this.pathC],
      scale: [...this.scale],
      generation: this.generation,
    };
  }

  /** √C_ii */
  deviation(i: number): number {
    return Math.sqrt(this.covariance[i * (this.mean.length + 1)]!);
  }

  /** Square root of the condition number of C. */
  get axisRatio(): number {
    const { d } = this.decompose();
    return Math.max(...d) / Math.min(...d);
  }

  /** The largest standard deviation of any coordinate. */
  get spread(): number {
    return this.sigma * Math.max(...Array.from(this.scale, (scale, i) => scale * this.deviation(i)));
  }

  /** Fills rows with samples (eqs. 38–40). */
  sample(samples: Float64Array, stream: RandomStream): void {
    const { mean } = this;
    const n = mean.length;
    const units = this.units;
    stream.normals(samples);
    transformRows(samples, this.product(1), samples);
    for (let row = 0; row < samples.length; row += n) {
      for (let i = 0; i < n; i++) samples[row + i] = mean[i]! + units[i]! * samples[row + i]!;
    }
  }

  /**
   * Moves towards the better samples (eqs. 41–47).
   *
   * @param samples a row each; they become their steps from the mean
   * @param weights one per sample, by its rank
   */
  update(samples: Float64Array, weights: Float64Array, strategy: Strategy): void {
    this.generation++;
    this.toSteps(samples);
    const step = this.recombine(samples, weights);
    const whitening = this.product(-1);
    const calm = this.updateStepSize(transformRows(step, whitening), strategy);
    this.updatePathC(step, calm, strategy);
    this.updateCovariance(samples, shortenedWeights(samples, whitening, weights), calm, strategy);
    this.keepWide();
  }

  private decompose() {
    if (this.eigen === undefined) {
      const n = this.mean.length;
      const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
        Matrix.from1DArray(n, n, this.covariance),
        { assumeSymmetric: true },
      );
      const values = realEigenvalues.map((value) => (value < 0 ? 1e-8 : Math.max(value, Number.MIN_VALUE)));
      this.eigen = { b: Float64Array.from(eigenvectorMatrix.to1DArray()), d: values.map(Math.sqrt) };
    }
    return this.eigen;
  }

  /** B·D^power; by the power −1 times Bᵀ, which is C^(−1/2). */
  private product(power: 1 | -1): Float64Array {
    const { b, d } = this.decompose();
    const n = d.length;
    const scaled = b.map((value, place) => value * d[place % n]! ** power);
    return power === 1 ? scaled : transformRows(scaled, b);
  }

  /** The diagonal of σ·A. */
  private get units(): Float64Array {
    return this.scale.map((scale) => this.sigma * scale);
  }

  /** Steps of samples from the mean, in units of σ·A. */
  private toSteps(samples: Float64Array): void {
    const { mean, units } = this;
    const n = mean.length;
    for (let row = 0; row < samples.length; row += n) {
      for (let i = 0; i < n; i++) samples[row + i] = (samples[row + i]! - mean[i]!) / units[i]!;
    }
  }

  /** Eqs. 41–42: moves the mean, and returns the weighted step ⟨y⟩_w. */
  private recombine(steps: Float64Array, weights: Float64Array): Float64Array {
    const n = this.mean.length;
    const step = new Float64Array(n);
    for (let k = 0; k < weights.length; k++) {
      const weight = weights[k]!;
      if (weight > 0) for (let i = 0; i < n; i++) step[i]! += weight * steps[k * n + i]!;
    }
    for (let i = 0; i < n; i++) this.mean[i]! += this.sigma * step[i]!;
    return step;
  }

  /** Eqs. 43–44; returns h_σ: false while the step size grows too fast for the rank-one path. */
  private updateStepSize(whitened: Float64Array, { cSigma, dSigma, muEff, chiN }: Strategy): boolean {
    const gain = Math.sqrt(cSigma * (2 - cSigma) * muEff);
    this.pathSigma = this.pathSigma.map((p, i) => (1 - cSigma) * p + gain * whitened[i]!);
    const norm = Math.hypot(...this.pathSigma);
    this.sigma = Math.min(1e32, this.sigma * Math.exp((cSigma / dSigma) * (norm / chiN - 1)));
    const expected = (1.4 + 2 / (this.mean.length + 1)) * chiN;
    return norm / Math.sqrt(1 - (1 - cSigma) ** (2 * (this.generation + 1))) < expected;
  }

  /** Eq. 45. */
  private updatePathC(step: Float64Array, calm: boolean, { cc, muEff }: Strategy): void {
    const gain = calm ? Math.sqrt(cc * (2 - cc) * muEff) : 0;
    this.pathC = this.pathC.map((p, i) => (1 - cc) * p + gain * step[i]!);
  }

  /** Eqs. 46–47: rank-one update by the outer product of the path, rank-μ update by all ranked steps. */
  private updateCovariance(
    steps: Float64Array,
    shortened: Float64Array,
    calm: boolean,
    { weights, c1, cMu, cc }: Strategy,
  ): void {
    const n = this.mean.length;
    const lost = calm ? 0 : c1 * cc * (2 - cc);
    const kept = 1 + lost - c1 - cMu * weights.reduce((sum, weight) => sum + weight, 0);
    const rankMu = weightedOuterProducts(steps, shortened, n);
    this.covariance = this.covariance.map((value, place) => {
      const path = this.pathC[Math.floor(place / n)]! * this.pathC[place % n]!;
      return kept * value + c1 * path + cMu * rankMu[place]!;
    });
    this.eigen = undefined;
  }

  private keepWide(): void {
    const smallest = Math.min(...this.decompose().d);
    this.sigma = Math.max(this.sigma, Math.sqrt(MIN_EIGENVALUE / smallest));
  }
}

/** Negative weights by the length of their steps: long ones would make the covariance indefinite (eq. 46). */
function shortenedWeights(steps: Float64Array, whitening: Float64Array, weights: Float64Array): Float64Array {
  const n = Math.sqrt(whitening.length);
  const shortened = temporaryNumbers(weights.length);
  shortened.set(weights);
  for (let k = 0; k < weights.length; k++) {
    if (weights[k]! >= 0) continue;
    let square = 0;
    for (let i = 0; i < n; i++) {
      let white = 0;
      for (let j = 0; j < n; j++) white += whitening[i * n + j]! * steps[k * n + j]!;
      square += white * white;
    }
    shortened[k]! *= n / (square + 1e-8);
  }
  return shortened;
}
