import type { AgentGene } from '../../agent.js';
import type { RandomStream } from '../../shared/stream.js';

/** Length scales of the kernels that are mixed, in units of a gene's whole range. */
const SHORTEST = 0.3;
const LONGEST = 3;

/**
 * Random Fourier features of designs (Rahimi & Recht, "Random features for large-scale kernel machines", NIPS 2007): their
 * products approximate a mixture of Gaussian kernels of many length scales, so no length scale has to be fitted. Ordered
 * genes are coordinates in [0, 1], values of the others one-hot.
 */
export class Features {
  /** One frequency per gene's value: what the value adds to each feature's phase. */
  private readonly phases: readonly Float64Array[];
  private readonly offsets: Float64Array;

  /** @param count features of a design */
  constructor(
    genes: readonly AgentGene[],
    readonly count: number,
    stream: RandomStream,
  ) {
    const scale = Float64Array.from({ length: count }, () => SHORTEST * (LONGEST / SHORTEST) ** stream.uniform());
    // Few of many genes matter at a time: the scale grows with the distance that two random designs have.
    const spread = Math.sqrt(Math.max(1, genes.filter(({ size }) => size > 1).length));
    this.offsets = Float64Array.from({ length: count }, () => 2 * Math.PI * stream.uniform());
    this.phases = genes.map((gene) => {
      const ordered = gene.scale === 'linear' || gene.scale === 'log';
      const phases = new Float64Array(gene.size * count);
      const slopes = scale.map((length) => stream.normal() / (length * spread));
      for (let v = 0; v < gene.size; v++) {
        for (let j = 0; j < count; j++) {
          const place = gene.size === 1 ? 0 : v / (gene.size - 1);
          // Two values of a category are as far apart as the ends of an order.
          phases[v * count + j] = ordered ? place * slopes[j]! : stream.normal() / (scale[j]! * spread * Math.SQRT2);
        }
      }
      return phases;
    });
  }

  /** The features of a row of digits. */
  of(digits: ArrayLike<number>): Float64Array {
    const phase = this.offsets.slice();
    for (let g = 0; g < digits.length; g++) {
      const from = digits[g]! * this.count;
      const phases = this.phases[g]!;
      for (let j = 0; j < this.count; j++) phase[j]! += phases[from + j]!;
    }
    const amplitude = Math.sqrt(2 / this.count);
    return phase.map((angle) => amplitude * Math.cos(angle));
  }
}
