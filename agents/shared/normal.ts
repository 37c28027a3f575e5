/** The standard normal distribution. */

const SQRT2 = Math.SQRT2;

/** Chebyshev coefficients of ln(erfc(x)·exp(x²)/t) (Press et al., "Numerical Recipes", 2nd ed., erfcc). */
const ERFC = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
  0.17087277,
] as const;

/** Complementary error function; relative error below 1.2e-7. */
function erfc(x: number): number {
  const z = Math.abs(x);
  const t = 1 / (1 + z / 2);
  const series = ERFC.reduceRight((sum, coefficient) => coefficient + t * sum, 0);
  const upper = t * Math.exp(series - z * z);
  return x >= 0 ? upper : 2 - upper;
}

/** Probability of a standard normal number below `x`. */
export function normalCdf(x: number): number {
  return erfc(-x / SQRT2) / 2;
}

const A = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
];
const B = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1];
const C = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const D = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

/**
 * The number that a standard normal one is below with probability `p`, 0 < p < 1. Acklam's rational approximation ("An
 * algorithm for computing the inverse normal cumulative distribution function", 2003); relative error below 1.2e-9.
 */
export function normalQuantile(p: number): number {
  const tail = 0.02425;
  if (p > 1 - tail) return -normalQuantile(1 - p);
  if (p < tail) {
    const q = Math.sqrt(-2 * Math.log(p));
    return polynomial(C, q) / polynomial(D, q);
  }
  const q = p - 0.5;
  return (q * polynomial(A, q * q)) / polynomial(B, q * q);
}
