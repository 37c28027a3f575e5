import type { RandomStream } from '../stream.js';

/** Rows of places of members that were beaten: differences to them lead on. */
export class Archive {
  /** A row of numbers each, room for more behind them. */
  rows: Float32Array = new Float32Array();
  size = 0;

  /** @param width numbers of a row */
  constructor(private readonly width: number) {}

  get state(): readonly number[] {
    return [...this.rows.subarray(0, this.size * this.width)];
  }

  /** @param size rows in the state */
  restore(state: readonly number[], size: number): void {
    this.rows = Float32Array.from(state);
    this.size = size;
  }

  /** Adds a row of another array. */
  add(from: Float32Array, row: number): void {
    if ((this.size + 1) * this.width > this.rows.length) this.grow();
    copyRow(from, row, this.rows, this.size++, this.width);
  }

  /** Random rows go, until there are at most so many. */
  trim(size: number, stream: RandomStream): void {
    while (this.size > size) copyRow(this.rows, --this.size, this.rows, stream.below(this.size + 1), this.width);
  }

  private grow(): void {
    const larger = new Float32Array(Math.max(2 * this.rows.length, 64 * this.width));
    larger.set(this.rows);
    this.rows = larger;
  }
}

/** Copies a row of numbers over another. */
export function copyRow(from: Float32Array, source: number, to: Float32Array, target: number, width: number): void {
  for (let g = 0; g < width; g++) to[target * width + g] = from[source * width + g]!;
}
