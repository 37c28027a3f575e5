import type { RandomStream } from '../../shared/stream.js';
import type { Layout } from './layout.js';
import { copyRow } from './mutation.js';

/** Rows of members that were beaten: differences to them lead on. */
export class Archive {
  /** Room for more rows is behind them. */
  rows: Float32Array = new Float32Array();
  size = 0;

  constructor(private readonly layout: Layout) {}

  get state(): readonly number[] {
    return this.layout.unpack(this.rows.subarray(0, this.size * this.layout.width));
  }

  /** @param size rows in the state */
  restore(state: readonly number[], size: number): void {
    this.rows = this.layout.pack(state);
    this.size = size;
  }

  /** Adds a row of another array, by the place where it begins. */
  add(from: Float32Array, at: number): void {
    const { width } = this.layout;
    if ((this.size + 1) * width > this.rows.length) this.grow();
    copyRow(from, at, this.rows, this.size++ * width, width);
  }

  /** Random rows go, until there are at most so many. */
  trim(size: number, stream: RandomStream): void {
    const { width } = this.layout;
    while (this.size > size) {
      const last = --this.size;
      copyRow(this.rows, last * width, this.rows, stream.below(last + 1) * width, width);
    }
  }

  private grow(): void {
    const larger = new Float32Array(Math.max(2 * this.rows.length, 64 * this.layout.width));
    larger.set(this.rows);
    this.rows = larger;
  }
}
