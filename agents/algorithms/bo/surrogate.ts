import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import type { RandomStream } from '../../shared/stream.js';

/** Variance of what the features cannot tell; the functions have variance 1. */
const NOISE = 0.02;

/** A function drawn from the posterior. */
export type DrawnFunction = (features: Float64Array) => number;

/**
 * Bayesian linear regression on features: a Gaussian process whose cost grows with the points only linearly, so that it
 * holds tens of thousands (Rasmussen & Williams, "Gaussian processes for machine learning", 2006, section 2.1).
 */
export class Surrogate {
  private readonly points: Float64Array[] = [];
  /** ΦᵀΦ, lower triangle. */
  private readonly gram: Float64Array[];

  /** @param count features of a point */
  constructor(private readonly count: number) {
    this.gram = Array.from({ length: count }, (_, i) => new Float64Array(i + 1));
  }

  add(features: Float64Array): void {
    this.points.push(features);
    for (let i = 0; i < this.count; i++) {
      const row = this.gram[i]!;
      const value = features[i]!;
      for (let j = 0; j <= i; j++) row[j]! += value * features[j]!;
    }
  }

  /**
   * Functions drawn from the posterior under the points' values (eq. 2.8): w ~ N(A⁻¹Φᵀy, σ²A⁻¹), A = ΦᵀΦ + σ²I.
   *
   * @param values one per point, of mean 0 and variance about 1
   */
  draw(values: Float64Array, count: number, stream: RandomStream): DrawnFunction[] {
    const lower = this.factor();
    const mean = solveUpper(lower, solveLower(lower, this.correlate(values)));
    return Array.from({ length: count }, () => {
      const noise = Float64Array.from({ length: this.count }, () => Math.sqrt(NOISE) * stream.normal());
      const weights = solveUpper(lower, noise).map((value, i) => value + mean[i]!);
      return (features) => dot(weights, features);
    });
  }

  /** Cholesky factor of A. */
  private factor(): Matrix {
    const a = Matrix.zeros(this.count, this.count);
    this.gram.forEach((row, i) => {
      row.forEach((value, j) => {
        a.set(i, j, value);
        a.set(j, i, value);
      });
      a.set(i, i, row[i]! + NOISE);
    });
    return new CholeskyDecomposition(a).lowerTriangularMatrix;
  }

  /** Φᵀy */
  private correlate(values: Float64Array): Float64Array {
    const sum = new Float64Array(this.count);
    this.points.forEach((features, p) => {
      for (let i = 0; i < this.count; i++) sum[i]! += values[p]! * features[i]!;
    });
    return sum;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** x of L·x = b */
function solveLower(lower: Matrix, b: Float64Array): Float64Array {
  const x = b.slice();
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < i; j++) x[i]! -= lower.get(i, j) * x[j]!;
    x[i]! /= lower.get(i, i);
  }
  return x;
}

/** x of Lᵀ·x = b */
function solveUpper(lower: Matrix, b: Float64Array): Float64Array {
  const x = b.slice();
  for (let i = x.length - 1; i >= 0; i--) {
    for (let j = i + 1; j < x.length; j++) x[i]! -= lower.get(j, i) * x[j]!;
    x[i]! /= lower.get(i, i);
  }
  return x;
}
