import { z } from 'zod';
import { normalCdf, normalQuantile } from '../../shared/normal.js';
import type { Gaussian } from './gaussian.js';

/** Keeps probabilities away from 0 and 1/2, where quantiles are infinite or steps vanish. */
const EPSILON = 1e-8;

/** Whole numbers low … low + size − 1, at least 2 of them. */
export interface IntegerRange {
  readonly low: number;
  readonly size: number;
}

/** Of each integer: its chance of a mutation when it was last corrected, and whether a mutation was among the parents. */
export function integerState(integers: number) {
  return z.strictObject({
    mutationRate: z.array(z.number()).length(integers),
    succeeded: z.array(z.boolean()).length(integers),
  });
}

type IntegerState = z.infer<ReturnType<typeof integerState>>;

/**
 * Integers within a Gaussian: its coordinates from `first` on, rounded. Without care their variance dies once all samples
 * round to the same number. The margin keeps each mutating with a probability of at least α by moving the mean and
 * widening A; integer centering keeps σ honest (Hamano et al., "CatCMA with margin", arXiv 2504.07884, after Hamano et
 * al., "CMA-ES with margin", arXiv 2205.13482).
 */
export class Integers {
  private mutationRate: number[];
  private succeeded: boolean[];
  private readonly lowest: Float64Array;
  private readonly highest: Float64Array;

  /** @param alpha smallest probability of a mutation, 1 − 0.73^(1/discrete variables) */
  constructor(
    private readonly ranges: readonly IntegerRange[],
    private readonly first: number,
    private readonly alpha: number,
    state?: IntegerState,
  ) {
    this.mutationRate = [...(state?.mutationRate ?? ranges.map(() => 0.5 - EPSILON))];
    this.succeeded = [...(state?.succeeded ?? ranges.map(() => false))];
    this.lowest = Float64Array.from(ranges, ({ low }) => low);
    this.highest = Float64Array.from(ranges, ({ low, size }) => low + size - 1);
  }

  get state(): IntegerState {
    return { mutationRate: [...this.mutationRate], succeeded: [...this.succeeded] };
  }

  /** The whole number that a coordinate stands for. Without `Math.round`, whose branch is predicted wrongly half of the time. */
  round(i: number, value: number): number {
    return Math.min(this.highest[i]!, Math.max(this.lowest[i]!, Math.floor(value + 0.5)));
  }

  /**
   * Moves parents that left the mean's integer onto the integer that they stand for, and the others so far that the mean
   * keeps its place on average. Row by row: column by column would fetch each row from memory again.
   *
   * @param samples a row each; parents are changed
   * @param weights one per sample; those of parents are above 0
   */
  center(samples: Float64Array, weights: Float64Array, { mean }: Gaussian): void {
    const { ranges, first } = this;
    const n = mean.length;
    const homes = Float64Array.from(ranges, (_, i) => this.round(i, mean[first + i]!));
    // Of those at home, by which side of their integer they are on: how far they are from it, together.
    const above = new Float64Array(ranges.length);
    const below = new Float64Array(ranges.length);
    const bias = new Float64Array(ranges.length);
    this.succeeded.fill(false);
    for (let k = 0, row = first; k < weights.length; k++, row += n) {
      if (weights[k]! <= 0) continue;
      for (let i = 0; i < homes.length; i++) {
        const whole = this.round(i, samples[row + i]!);
        const way = whole - samples[row + i]!;
        if (whole === homes[i]) {
          if (way > 0) below[i]! += way;
          else above[i]! += way;
          continue;
        }
        bias[i]! += way;
        samples[row + i] = whole;
        this.succeeded[i] = true;
      }
    }
    // Those whose way to their integer leads against the bias go a part of it.
    const shares = bias.map((sum, i) => shareOf(sum, sum > 0 ? above[i]! : below[i]!));
    if (shares.every((share) => share === 0)) return;
    for (let k = 0, row = first; k < weights.length; k++, row += n) {
      if (weights[k]! <= 0) continue;
      for (let i = 0; i < homes.length; i++) {
        const value = samples[row + i]!;
        const way = homes[i]! - value;
        if (shares[i]! > 0 && bias[i]! * way < 0 && this.round(i, value) === homes[i]) {
          samples[row + i] = value + shares[i]! * way;
        }
      }
    }
  }

  /** Restores the margin after an update. */
  correct(gaussian: Gaussian): void {
    for (let i = 0; i < this.ranges.length; i++) this.correctOne(i, gaussian);
  }

  private correctOne(i: number, gaussian: Gaussian): void {
    const { low, size } = this.ranges[i]!;
    const place = this.first + i;
    const mean = gaussian.mean[place]!;
    const below = this.round(i, mean) - 0.5;
    const lower = Math.max(low + 0.5, Math.min(below, low + size - 1.5));
    const upper = Math.max(low + 0.5, Math.min(below + 1, low + size - 1.5));
    const deviation = gaussian.sigma * gaussian.scale[place]! * gaussian.deviation(place);
    const toLower = normalCdf((lower - mean) / deviation);
    const toUpper = normalCdf((mean - upper) / deviation);
    if (Math.max(toLower, toUpper) > 0.5) this.correctAtEnd(i, upper, Math.min(toLower, toUpper), gaussian);
    else this.correctInside(i, lower, upper, toLower, toUpper, gaussian);
  }

  /** The mean stands for the first or the last integer: only one threshold, `limit`, can be crossed. */
  private correctAtEnd(i: number, limit: number, crossing: number, gaussian: Gaussian): void {
    const place = this.first + i;
    const unit = gaussian.sigma * gaussian.deviation(place);
    const wanted = Math.max(crossing, this.alpha);
    const rate = clamp(this.succeeded[i] ? wanted : Math.min(wanted, this.mutationRate[i]!));
    const home = this.round(i, gaussian.mean[place]!);
    const smallest = Math.abs(home - limit) / (unit * normalQuantile(1 - this.alpha));
    gaussian.scale[place] = Math.max(gaussian.scale[place]!, smallest);
    const distance = unit * gaussian.scale[place]! * normalQuantile(1 - rate);
    gaussian.mean[place] = limit + Math.sign(gaussian.mean[place]! - limit) * distance;
    this.mutationRate[i] = rate;
  }

  /** The mean has a threshold on each side. Probabilities below, at and above its integer, raised to their least, sum to 1. */
  private correctInside(
    i: number,
    lower: number,
    upper: number,
    toLower: number,
    toUpper: number,
    gaussian: Gaussian,
  ): void {
    const place = this.first + i;
    const least = this.alpha / 2;
    const leastMiddle = this.succeeded[i] ? least : 1 - this.mutationRate[i]!;
    const middle = 1 - toLower - toUpper;
    const raised = [Math.max(toLower, least), Math.max(toUpper, least)] as const;
    const raisedMiddle = this.succeeded[i] ? middle : Math.max(middle, leastMiddle);
    const excess = raised[0] + raised[1] + raisedMiddle;
    const room = excess - 2 * least - leastMiddle;
    const share = room === 0 ? 0 : (1 - excess) / room;
    const [down, up] = raised.map((p) => clamp(p + share * (p - least))) as [number, number];
    const [zDown, zUp] = [normalQuantile(1 - down), normalQuantile(1 - up)];
    gaussian.scale[place] = (upper - lower) / ((zDown + zUp) * gaussian.sigma * gaussian.deviation(place));
    gaussian.mean[place] = (lower * zUp + upper * zDown) / (zDown + zUp);
    this.mutationRate[i] = down + up;
  }
}

/** Which part of a way that leads against a bias makes up for it; none where there is none of either. */
function shareOf(bias: number, counter: number): number {
  return bias === 0 || counter === 0 ? 0 : Math.min(1, -bias / counter);
}

function clamp(probability: number): number {
  return Math.min(0.5 - EPSILON, Math.max(EPSILON, probability));
}
