/** Measured steps with an optimiser or activations on the host. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { validateMeasured } from './measured.js';

const file = join(packageRoot, 'test', 'data', 'measured', 'modern', 'offload.csv');
const { cases, failures } = validateMeasured({ file });

/** Errors of the rows whose names have all of these. */
function errorsOf(...parts: string[]): number[] {
  return failures.filter(({ id }) => parts.every((part) => id.includes(part))).map(({ relError }) => relError);
}

const meanAbs = (errors: readonly number[]): number =>
  errors.reduce((sum, error) => sum + Math.abs(error), 0) / errors.length;

it('every row is predicted', () => expect([cases, failures.length]).toEqual([22, 22]));

it.each([
  ['activations of 20 and 40 of 80 layers, Llama 3 70B on racks', 'mb', 'gb200', 5, 0.06, 0.15],
  ['activations of 20 and 40 of 80 layers, Llama 3 70B on racks', 'mb', 'gb300', 5, 0.05, 0.15],
  ['an optimiser on the host, Llama 3 8B of 8,192 to 262,144 tokens on a node', 'stas', 'h200', 6, 0.32, 0.4],
  ['an optimiser on the host, Llama 3 8B of 8,192 to 262,144 tokens on a node', 'stas', 'b200', 6, 0.22, 0.28],
] as const)('%s: %s rows on %s', (_, rows, gpu, count, mean, worst) => {
  const errors = errorsOf(rows, gpu);
  expect(errors).toHaveLength(count);
  expect(meanAbs(errors)).toBeLessThan(mean);
  expect(Math.max(...errors.map(Math.abs))).toBeLessThan(worst);
});

it('an optimiser on the host at 8,192 tokens, where the host takes most of the step', () => {
  const errors = errorsOf('stas', '-8192-');
  expect(errors).toHaveLength(2);
  expect(Math.max(...errors.map(Math.abs))).toBeLessThan(0.2);
});
