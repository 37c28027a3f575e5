/** Constants of CMA-ES for a population, as in Hansen, "The CMA evolution strategy: a tutorial", arXiv 1604.00772, Table 1. */
export interface Strategy {
  readonly population: number;
  /** Parents: the best half. */
  readonly parents: number;
  /** Recombination weights of all ranks, eq. 53: positive ones sum to 1, negative ones make the update active. */
  readonly weights: Float64Array;
  /** Variance-effective selection mass, eq. 8. */
  readonly muEff: number;
  /** Step-size control, eq. 55. */
  readonly cSigma: number;
  readonly dSigma: number;
  /** Cumulation, rank-one and rank-μ rates, eqs. 56–58. */
  readonly cc: number;
  readonly c1: number;
  readonly cMu: number;
  /** E‖N(0, I)‖ */
  readonly chiN: number;
}

/** The default number of samples a generation, eq. 48. */
export function defaultPopulation(dimensions: number): number {
  return 4 + Math.floor(3 * Math.log(Math.max(1, dimensions)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** (Σw)² / Σw² */
function effectiveMass(weights: readonly number[]): number {
  return sum(weights) ** 2 / sum(weights.map((weight) => weight * weight));
}

/**
 * @param population samples of a generation, at least 4
 * @param n numeric variables; at least 1
 */
export function strategyOf(population: number, n: number): Strategy {
  const parents = Math.floor(population / 2);
  const raw = Array.from({ length: population }, (_, i) => Math.log((population + 1) / 2) - Math.log(i + 1));
  const muEff = effectiveMass(raw.slice(0, parents));
  const muEffMinus = effectiveMass(raw.slice(parents));
  const c1 = 2 / ((n + 1.3) ** 2 + muEff);
  const cMu = Math.min(1 - c1 - 1e-8, (2 * (muEff - 2 + 1 / muEff)) / ((n + 2) ** 2 + muEff));
  const cSigma = (muEff + 2) / (n + muEff + 5);
  // Eqs. 50–52: the negative weights keep the covariance positive definite.
  const negativeSum = Math.min(1 + c1 / cMu, 1 + (2 * muEffMinus) / (muEff + 2), (1 - c1 - cMu) / (n * cMu));
  const positive = sum(raw.filter((weight) => weight > 0));
  const negative = -sum(raw.filter((weight) => weight < 0));
  return {
    population,
    parents,
    weights: Float64Array.from(raw, (weight) => (weight >= 0 ? weight / positive : (negativeSum * weight) / negative)),
    muEff,
    cSigma,
    dSigma: 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (n + 1)) - 1) + cSigma,
    cc: (4 + muEff / n) / (n + 4 + (2 * muEff) / n),
    c1,
    cMu,
    chiN: Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)),
  };
}
