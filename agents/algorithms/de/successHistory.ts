import { z } from 'zod';
import { count, numbers } from '../../shared/savedState.js';
import type { RandomStream } from '../../shared/stream.js';

/** A state of so many entries. */
export function successHistoryState(entries: number) {
  return z.strictObject({ f: numbers.length(entries), cr: numbers.length(entries), next: count.max(entries - 1) });
}

type SuccessHistoryState = z.infer<ReturnType<typeof successHistoryState>>;

/**
 * The memory of success-history adaptation (Tanabe & Fukunaga, "Success-history based parameter adaptation for differential
 * evolution", CEC 2013): mean scaling factors F and crossover rates CR that made progress, from which new ones are drawn.
 */
export class SuccessHistory {
  private f: number[];
  private cr: number[];
  private next = 0;
  /** Sums over the successes of this generation: gain × F, gain × F², and the same for CR. */
  private sums = new Float64Array(4);
  private successes = 0;

  /** @param entries at least 1 */
  constructor(entries: number) {
    this.f = new Array<number>(entries).fill(0.5);
    this.cr = [...this.f];
  }

  get state(): SuccessHistoryState {
    return { f: [...this.f], cr: [...this.cr], next: this.next };
  }

  restore(state: SuccessHistoryState): void {
    this.f = [...state.f];
    this.cr = [...state.cr];
    this.next = state.next;
  }

  /** An entry to draw rates around. */
  entry(stream: RandomStream): number {
    return stream.below(this.f.length);
  }

  /** From a Cauchy distribution, above 0 and at most 1. */
  drawF(entry: number, stream: RandomStream): number {
    for (;;) {
      const f = this.f[entry]! + 0.1 * Math.tan(Math.PI * (stream.uniform() - 0.5));
      if (f > 0) return Math.min(1, f);
    }
  }

  /** From a normal distribution, within 0 … 1. */
  drawCr(entry: number, stream: RandomStream): number {
    return Math.min(1, Math.max(0, this.cr[entry]! + 0.1 * stream.normal()));
  }

  note(gain: number, f: number, cr: number): void {
    const { sums } = this;
    sums[0]! += gain * f;
    sums[1]! += gain * f * f;
    sums[2]! += gain * cr;
    sums[3]! += gain * cr * cr;
    this.successes++;
  }

  /** The successes that were noted become an entry, in place of the oldest: weighted Lehmer means (eqs. 7–9 of L-SHADE). */
  learn(): void {
    if (this.successes === 0) return;
    const [f = 0, f2 = 0, cr = 0, cr2 = 0] = this.sums;
    this.f[this.next] = f === 0 ? 0 : f2 / f;
    this.cr[this.next] = cr === 0 ? 0 : cr2 / cr;
    this.next = (this.next + 1) % this.f.length;
    this.sums.fill(0);
    this.successes = 0;
  }
}
