/** Designs whose genes of the plan have the same values have the same plan: a number for each. */
import { CHANGED } from '../changes.js';
import { GENE_STRIDE, type PackedGenes } from './genes.js';

/** A space with more plans than this has no numbers for them: few of its designs would share one. */
export const MOST_PLANS = 4096;

/** What a digit of each gene, up to the last that changes a plan, counts in the number of the plan; undefined where there are more than {@link MOST_PLANS}. */
export function planWeights({ count, genes }: PackedGenes): Float64Array | undefined {
  const weights = new Float64Array(count);
  let last = -1;
  let plans = 1;
  for (let gene = 0; gene < count; gene++) {
    const head = gene * GENE_STRIDE;
    if ((genes[head + 4]! & CHANGED.plan) === 0) continue;
    weights[gene] = plans;
    last = gene;
    plans *= genes[head]!;
  }
  return plans > MOST_PLANS ? undefined : weights.slice(0, last + 1);
}

/** The number of the plan of the design that has these digits. */
export function planNumber(weights: Float64Array, digits: Uint32Array): number {
  let number = 0;
  for (let gene = 0; gene < weights.length; gene++) number += weights[gene]! * digits[gene]!;
  return number;
}
