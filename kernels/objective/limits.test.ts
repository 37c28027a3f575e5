import { describe, expect, it } from 'vitest';

import { OUTPUT, OUTPUT_COUNT, STATUS } from '../outputs.js';
import { excess, violation } from './fitness.js';
import { parseLimit } from './limits.js';

function outputs(values: Partial<Record<keyof typeof OUTPUT, number>>): Float64Array {
  const row = new Float64Array(OUTPUT_COUNT);
  for (const [name, value] of Object.entries(values)) row[OUTPUT[name as keyof typeof OUTPUT]] = value;
  return row;
}

describe('limits', () => {
  it.each([
    ['memory <= 24e9', { memoryMB: 24_000 }, 0],
    ['memory<=24e9', { memoryMB: 30_000 }, 0.25],
    ['time <= 2', { timeUs: 3e6 }, 0.5],
    ['cost <= 5e6', { costUsd: 4e6 }, 0],
    ['mfu >= 0.4', { mfu: 0.3 }, 0.25],
    ['mfu >= 0.4', { mfu: 0.5 }, 0],
    ['bandwidth >= 600', { bandwidthGBps: 300 }, 0.5],
  ])('%s: %o is beyond it by %d', (text, values, share) => {
    expect(excess(parseLimit(text), outputs(values), 0)).toBeCloseTo(share, 12);
  });

  it('reads from where a row begins', () => {
    const rows = new Float64Array(2 * OUTPUT_COUNT);
    rows[OUTPUT_COUNT + OUTPUT.timeUs] = 3e6;
    expect(excess(parseLimit('time <= 2'), rows, 0)).toBe(0);
    expect(excess(parseLimit('time <= 2'), rows, OUTPUT_COUNT)).toBe(0.5);
  });

  it('have a finite distance even where the bound is 0', () => {
    const row = outputs({ costUsd: 5e6 });
    expect(violation(0, 80, [parseLimit('cost <= 0')], row, 0)).toBe(2);
    expect(violation(0, 80, [parseLimit('mfu >= 0')], row, 0)).toBe(0);
  });

  it('count memory by what may be filled, and stay finite where nothing may', () => {
    const row = outputs({ reservedMB: 80_000 });
    expect(violation(STATUS.MEMORY, 40_000, [], row, 0)).toBe(1.5);
    expect(violation(STATUS.MEMORY, -1, [], row, 0)).toBeLessThanOrEqual(2);
  });

  it.each(['memory < 3', 'memory <= x', 'speed <= 3', '', 'memory <= 1e9 GB'])("refuses '%s'", (text) => {
    expect(() => parseLimit(text)).toThrow(expect.objectContaining({ code: 'CONSTRAINT_SYNTAX' }));
  });
});
