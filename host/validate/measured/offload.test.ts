/** Measured steps with an optimiser or activations on the host. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { validateMeasured } from './measured.js';

const file = join(packageRoot, 'test', 'data', 'measured', 'modern', 'offload.csv');
const { cases, failures } = validateMeasured({ file });

function predicted(...parts: string[]): { errors: number[]; got: number[] } {
  const rows = failures.filter(({ id }) => parts.every((part) => id.includes(part)));
  return { errors: rows.map(({ relError }) => relError), got: rows.map(({ got }) => Number(got)) };
}

const meanAbs = (errors: readonly number[]): number =>
  errors.reduce((sum, error) => sum + Math.abs(error), 0) / errors.length;

it('every row is predicted', () => expect([cases, failures.length]).toEqual([22, 22]));

describe('activations of 20 and 40 of 80 layers, Llama 3 70B on racks', () => {
  it.each([
    ['gb200', 5, 0.06],
    ['gb300', 5, 0.05],
  ] as const)('%s', (gpu, rows, mean) => {
    const { errors } = predicted('mb', gpu);
    expect(errors).toHaveLength(rows);
    expect(meanAbs(errors)).toBeLessThan(mean);
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(0.15);
  });
});

describe('an optimiser on the host, Llama 3 8B of 8,192 to 262,144 tokens on a node', () => {
  it.each([
    ['h200', 0.32, 0.4],
    ['b200', 0.22, 0.28],
  ] as const)('%s', (gpu, mean, worst) => {
    const { errors } = predicted('stas', gpu);
    expect(errors).toHaveLength(6);
    expect(meanAbs(errors)).toBeLessThan(mean);
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(worst);
  });

  it('at 8,192 tokens, where the host takes most of the step', () => {
    const { errors } = predicted('stas', '-8192-');
    expect(errors).toHaveLength(2);
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(0.2);
  });
});
