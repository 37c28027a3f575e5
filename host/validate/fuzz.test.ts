import { describe, expect, it } from 'vitest';
import { PARAMETERS } from '../../psa/parameters.js';
import { webgpuAvailable } from '../../test/webgpu.js';
import { fuzzBackends } from './fuzz.js';
import { randomSpace } from './randomSpaces.js';

describe('randomSpace', () => {
  it('gives every parameter a value, the same for the same seed', () => {
    const { parameters } = randomSpace(1, 2).build();
    expect([...parameters.keys()].sort()).toEqual(PARAMETERS.map(({ name }) => name).sort());
    expect(randomSpace(1, 2).yaml()).toBe(randomSpace(1, 2).yaml());
    expect(randomSpace(1, 3).yaml()).not.toBe(randomSpace(1, 2).yaml());
  });
});

describe.skipIf(!(await webgpuAvailable()))('fuzzBackends', () => {
  it('finds no status and no value apart, and nothing but numbers', async () => {
    const progress: number[] = [];
    const result = await fuzzBackends({ spaces: 4, seed: 1, onProgress: (done) => progress.push(done) });
    expect(result.failures).toEqual([]);
    expect(result).toMatchObject({ passed: true, spaces: 4, designs: 2000 });
    expect(result.feasible).toBeGreaterThan(200);
    expect(result.feasible).toBeLessThan(1800);
    expect(progress).toEqual([1, 2, 3, 4]);
  });
});
