import { describe, expect, it } from 'vitest';
import { CosmicError } from '../../psa/errors.js';
import { bigWholeNumber, seed, wholeNumber } from './options.js';
import { shard } from './shard.js';

describe('numbers on the command line', () => {
  it('reads whole numbers in range', () => {
    expect(wholeNumber('--top', 1, 10)('10')).toBe(10);
    expect(seed('0')).toBe(0);
    expect(bigWholeNumber('--start', 0n)('99999999999999999999')).toBe(99999999999999999999n);
    expect(shard('2/4')).toEqual({ index: 2, of: 4 });
  });

  it.each([
    '',
    '-1',
    '0',
    '11',
    '1.5',
    '1e3',
    '0x10',
    'ten',
    'NaN',
    ' 3',
  ])('refuses %j where 1 to 10 is asked for', (text) => {
    expect(() => wholeNumber('--top', 1, 10)(text)).toThrow(CosmicError);
  });

  it.each(['-1', '', '1.0'])('refuses %j as a big whole number', (text) => {
    expect(() => bigWholeNumber('--start', 0n)(text)).toThrow(CosmicError);
  });

  it.each(['4294967296', '-1'])('refuses the seed %j', (text) => {
    expect(() => seed(text)).toThrow(CosmicError);
  });

  it.each(['0/4', '5/4', '1', '1/0', 'a/b', '1/2/3'])('refuses the shard %j', (text) => {
    expect(() => shard(text)).toThrow(CosmicError);
  });
});
