import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { RandomStream } from '../stream.js';
import type { Strategy } from './strategy.js';

/** Keeps the smallest standard deviation above 1e-15: beyond it, f64 cannot tell samples from their mean. */
const MIN_EIGENVALUE = 1e-30;

export interface GaussianState {
  readonly mean: readonly number[];
  readonly sigma: number;
  readonly covariance: readonly (readonly number[])[];
  readonly pathSigma: readonly number[];
  readonly pathC: readonly number[];
  readonly scale: readonly number[];
  readonly generation: number;
}

/**
 * The multivariate normal distribution N(m, σ²·A·C·A) of CMA-ES with its update (Hansen, arXiv 1604.00772, Fig. 6). The
 * diagonal A is 1 but where a margin widens an integer (Hamano et al., arXiv 2205.13482).
 */
export class Gaussian {
  readonly mean: Float64Array;
  sigma: number;
  /** The diagonal of A. */
  readonly scale: Float64Array;
  private covariance: Matrix;
  private pathSigma: Float64Array;
  private pathC: Float64Array;
  private generation: number;
  /** C = B·D²·Bᵀ; undefined after an update, until it is needed. */
  private eigen: { readonly b: Matrix; readonly d: readonly number[] } | undefined;

  constructor(state: GaussianState) {
    this.mean = Float64Array.from(state.mean);
    this.sigma = state.sigma;
    this.scale = Float64Array.from(state.scale);
    this.covariance = new Matrix(state.covariance.map((row) => [...row]));
    this.pathSigma = Float64Array.from(state.pathSigma);
    this.pathC = Float64Array.from(state.pathC);
    this.generation = state.generation;
  }

  /** A distribution with independent coordinates. */
  static start(mean: readonly number[], deviations: readonly number[], sigma: number): Gaussian {
    const zeros = mean.map(() => 0);
    return new Gaussian({
      mean,
      sigma,
      covariance: deviations.map((deviation, i) => zeros.map((_, j) => (i === j ? deviation * deviation : 0))),
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
      covariance: this.covariance.to2DArray(),
      pathSigma: [...this.pathSigma],
      pathC: [...this.pathC],
      scale: [...this.scale],
      generation: this.generation,
    };
  }

  /** √C_ii */
  deviation(i: number): number {
    return Math.sqrt(this.covariance.get(i, i));
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

  /** `count` samples, a row each (eqs. 38–40). */
  sample(count: number, stream: RandomStream): Float64Array[] {
    const n = this.mean.length;
    const { b, d } = this.decompose();
    const z = Matrix.zeros(count, n);
    for (let k = 0; k < count; k++) for (let i = 0; i < n; i++) z.set(k, i, stream.normal() * d[i]!);
    const y = z.mmul(b.transpose());
    return Array.from({ length: count }, (_, k) =>
      Float64Array.from(this.mean, (mean, i) => mean + this.sigma * this.scale[i]! * y.get(k, i)),
    );
  }

  /** Moves towards the better of ranked samples, best first (eqs. 41–47). */
  update(ranked: readonly Float64Array[], strategy: Strategy): void {
    this.generation++;
    const steps = new Matrix(
      ranked.map((x) => Array.from(x, (value, i) => (value - this.mean[i]!) / (this.scale[i]! * this.sigma))),
    );
    const mean = this.recombine(steps, strategy);
    const whitening = this.whitening();
    const calm = this.updateStepSize(whitening.mmul(Matrix.columnVector(mean)), strategy);
    this.updatePathC(mean, calm, strategy);
    this.updateCovariance(steps, whitening, calm, strategy);
    this.keepWide();
  }

  private decompose() {
    if (this.eigen === undefined) {
      const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(this.covariance, {
        assumeSymmetric: true,
      });
      const values = realEigenvalues.map((value) => (value < 0 ? 1e-8 : Math.max(value, Number.MIN_VALUE)));
      this.eigen = { b: eigenvectorMatrix, d: values.map(Math.sqrt) };
    }
    return this.eigen;
  }

  /** C^(−1/2) */
  private whitening(): Matrix {
    const { b, d } = this.decompose();
    return b.mmul(Matrix.diag(d.map((x) => 1 / x))).mmul(b.transpose());
  }

  /** Eq. 41–42: moves the mean, and returns the weighted step ⟨y⟩_w. */
  private recombine(steps: Matrix, { parents, weights }: Strategy): number[] {
    const step = Array.from(this.mean, (_, i) => {
      let sum = 0;
      for (let k = 0; k < parents; k++) sum += weights[k]! * steps.get(k, i);
      return sum;
    });
    step.forEach((value, i) => {
      this.mean[i]! += this.sigma * value;
    });
    return step;
  }

  /** Eqs. 43–44; returns h_σ: false while the step size grows too fast for the rank-one path. */
  private updateStepSize(whitened: Matrix, { cSigma, dSigma, muEff, chiN }: Strategy): boolean {
    const gain = Math.sqrt(cSigma * (2 - cSigma) * muEff);
    this.pathSigma = this.pathSigma.map((p, i) => (1 - cSigma) * p + gain * whitened.get(i, 0));
    const norm = Math.hypot(...this.pathSigma);
    this.sigma = Math.min(1e32, this.sigma * Math.exp((cSigma / dSigma) * (norm / chiN - 1)));
    const expected = (1.4 + 2 / (this.mean.length + 1)) * chiN;
    return norm / Math.sqrt(1 - (1 - cSigma) ** (2 * (this.generation + 1))) < expected;
  }

  /** Eq. 45. */
  private updatePathC(step: readonly number[], calm: boolean, { cc, muEff }: Strategy): void {
    const gain = calm ? Math.sqrt(cc * (2 - cc) * muEff) : 0;
    this.pathC = this.pathC.map((p, i) => (1 - cc) * p + gain * step[i]!);
  }

  /** Eqs. 46–47: rank-one update by the outer product of the path, rank-μ update by all ranked steps. */
  private updateCovariance(steps: Matrix, whitening: Matrix, calm: boolean, { weights, c1, cMu, cc }: Strategy): void {
    const n = this.mean.length;
    const white = steps.mmul(whitening);
    const weighted = steps.clone();
    weights.forEach((weight, k) => {
      const shortened = weight >= 0 ? weight : (weight * n) / (white.getRowVector(k).norm() ** 2 + 1e-8);
      weighted.mulRow(k, shortened);
    });
    const lost = calm ? 0 : c1 * cc * (2 - cc);
    const kept = 1 + lost - c1 - cMu * weights.reduce((sum, weight) => sum + weight, 0);
    const path = Matrix.columnVector(this.pathC);
    const rankOne = path.mmul(path.transpose()).mul(c1);
    const rankMu = steps.transpose().mmul(weighted).mul(cMu);
    const updated = this.covariance.clone().mul(kept).add(rankOne).add(rankMu);
    this.covariance = updated.add(updated.transpose()).mul(0.5);
    this.eigen = undefined;
  }

  private keepWide(): void {
    const smallest = Math.min(...this.decompose().d);
    this.sigma = Math.max(this.sigma, Math.sqrt(MIN_EIGENVALUE / smallest));
  }
}
