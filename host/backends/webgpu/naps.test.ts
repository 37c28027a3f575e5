import { afterEach, describe, expect, it, vi } from 'vitest';
import { restWhile } from './naps.js';

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('resting while the device works', () => {
  afterEach(() => vi.restoreAllMocks());

  it('gives what the promise gives, and throws what it throws', async () => {
    expect(await restWhile(later(1).then(() => 7))).toBe(7);
    await expect(restWhile(Promise.reject(new Error('lost')))).rejects.toThrow('lost');
  });

  it('rests once a turn of the event loop, however many wait and however many waited before', async () => {
    for (let i = 0; i < 200; i++) await restWhile(Promise.resolve(i));
    const rest = vi.spyOn(Atomics, 'wait');
    let turns = 0;
    let waiting = true;
    const count = (): void => {
      turns++;
      if (waiting) setImmediate(count);
    };
    setImmediate(count);
    await Promise.all([restWhile(later(15)), restWhile(later(20)), restWhile(later(25))]);
    waiting = false;
    expect(rest.mock.calls.length).toBeGreaterThan(5);
    expect(rest.mock.calls.length).toBeLessThanOrEqual(turns + 1);
    for (const [, , , ms] of rest.mock.calls) expect(ms).toBeLessThanOrEqual(1);
  });

  it('stops when nothing is waited for', async () => {
    await restWhile(later(3));
    await later(1);
    const rest = vi.spyOn(Atomics, 'wait');
    await later(5);
    expect(rest).not.toHaveBeenCalled();
  });
});
