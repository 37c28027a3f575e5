import { describe, expect, it } from 'vitest';
import { PartSizes } from './partSizes.js';

/** So many parts of the size there is, in so many ms each. */
function learn(sizes: PartSizes, times: readonly number[], next: bigint, workers = 2): (number | undefined)[] {
  const size = sizes.at(next);
  return times.map((ms) => sizes.learn(size, ms, workers, next));
}

describe('sizes of parts', () => {
  it('grow to what takes half a second', () => {
    const sizes = new PartSizes(undefined);
    expect(sizes.at(0n)).toBe(4096);
    expect(learn(sizes, [900, 2], 100n)).toEqual([undefined, 8 * 4096]);
    expect(sizes.isSettled).toBe(false);
    // 16 ms, eight times as many designs; then 100 ms of half a second.
    learn(sizes, [16, 500], 200n);
    expect(sizes.at(200n)).toBe(64 * 4096);
    learn(sizes, [120, 100], 300n);
    expect(sizes.at(300n)).toBe(5 * 64 * 4096);
    expect(sizes.isSettled).toBe(true);
    expect([0n, 99n, 100n, 199n, 200n, 299n].map((start) => sizes.at(start) / 4096)).toEqual([1, 1, 8, 8, 64, 64]);
  });

  it('stay where times are near, or single parts slow, and shrink where all are', () => {
    const sizes = new PartSizes(undefined, new Map([[0n, 10_000]]));
    expect(sizes.isSettled).toBe(true);
    learn(sizes, [400, 9000, 600, 700, 9000], 10n);
    expect(sizes.at(10n)).toBe(10_000);
    learn(sizes, [2000, 2000, 2000, 2000, 1], 20n);
    expect(sizes.at(20n)).toBe(2500);
  });

  it('wait for a part of each worker, and are larger where there are many', () => {
    const sizes = new PartSizes(undefined, new Map([[0n, 10_000]]));
    expect(learn(sizes, new Array<number>(99).fill(500), 5n, 100)).not.toContain(40_000);
    expect(sizes.learn(10_000, 500, 100, 5n)).toBe(40_000);
  });

  it('are what is asked for, or what an earlier driver came to', () => {
    const asked = new PartSizes(7, new Map([[0n, 10_000]]));
    learn(asked, [1, 1, 1, 1, 1], 0n);
    expect(asked.at(0n)).toBe(7);
    const known = new PartSizes(
      undefined,
      new Map([
        [900n, 300],
        [100n, 2 ** 60],
      ]),
    );
    expect([99n, 100n, 899n, 900n].map((start) => known.at(start))).toEqual([4096, 2 ** 40, 2 ** 40, 300]);
  });
});
