import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  displayUnit,
  formatColumn,
  formatDuration,
  formatEffect,
  formatError,
  formatNumber,
  formatRatio,
  plural,
} from './format.js';

it('tells errors with two digits, those above 100 % in full', () => {
  expect([0, 0.0812, -0.16, 1.234].map(formatError)).toEqual(['0', '8.1 %', '-16 %', '123 %']);
});

it('tells what a change does, or why it cannot be', () => {
  expect(formatEffect(1.25, [])).toBe('1.250×');
  expect(formatEffect(undefined, ['memory', 'price'])).toBe('infeasible: memory; price');
});

describe('formatNumber', () => {
  it.each([
    [0, '0'],
    [1234567, '1,234,567'],
    [18977587200000n, '18,977,587,200,000'],
    [10n ** 24n, '1,000,000,000,000,000,000,000,000'],
    [14_301_199_794n * 10n ** 80n, '1.430e+90'],
    [593.8207, '593.8'],
    [0.012345, '0.01235'],
    [1234.5678, '1,235'],
    [0.00001234, '0.00001234'],
    [0.0000001234, '1.234e-7'],
    [-2.5, '-2.500'],
    [-1234567, '-1,234,567'],
    [123456789.5, '123,456,790'],
    [10 ** 20, '100,000,000,000,000,000,000'],
    [10 ** 21, '1.000e+21'],
  ])('writes %s as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it.each([4, 5, 6])('rounds to %i digits and groups as Intl does', (digits) => {
    const several = fc.double({ min: 1e-6, max: 1e12, noNaN: true });
    // Of few decimals, among which halves are.
    const short = fc
      .integer({ min: 1, max: 10_000_000 })
      .chain((n) => fc.integer({ min: 0, max: 6 }).map((e) => n / 10 ** e));
    fc.assert(
      fc.property(fc.oneof(several, short), fc.boolean(), (magnitude, negative) => {
        const value = negative ? -magnitude : magnitude;
        const decimals = Number.isInteger(value) ? 0 : Math.max(0, digits - 1 - Math.floor(Math.log10(magnitude)));
        const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
        expect(formatNumber(value, digits)).toBe(value.toLocaleString('en-US', options));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('formatColumn', () => {
  it('takes as many digits as tell the values apart, up to six', () => {
    expect(formatColumn([593.82, 593.84, 593.82])).toEqual(['593.82', '593.84', '593.82']);
    expect(formatColumn([593.8201, 593.8204])).toEqual(['593.820', '593.820']);
    expect(formatColumn([1.5, 2.25])).toEqual(['1.500', '2.250']);
  });
});

describe('displayUnit', () => {
  it.each([
    ['us', 2_500_000, 's'],
    ['us', 2_500, 'ms'],
    ['us', 2.5, 'us'],
    ['MB', 2_500, 'GB'],
    ['MB', 999, 'MB'],
    ['GB/s', 2_500, 'GB/s'],
  ])('shows %s up to %d in %s', (unit, value, expected) => {
    expect(displayUnit(unit, [0, value]).unit).toBe(expected);
  });
});

it('writes durations, ratios and counts for people', () => {
  expect([4, 62, 3723, Number.POSITIVE_INFINITY].map(formatDuration)).toEqual(['4 s', '1:02', '1:02:03', '?']);
  expect([formatRatio(1, 2), formatRatio(1, 0), formatRatio(0, 1)]).toEqual(['0.50×', '-', '-']);
  expect([plural(1, 'design'), plural(1n, 'design'), plural(2000, 'design')]).toEqual([
    '1 design',
    '1 design',
    '2,000 designs',
  ]);
});
