import { expect, it } from 'vitest';
import { normalCdf, normalQuantile } from './normal.js';

// Abramowitz & Stegun, tables 26.1 and 26.5.
it.each([
  [0, 0.5],
  [1, 0.8413447461],
  [-2, 0.0227501319],
  [3.090232306, 0.999],
  [-4.264890794, 1e-5],
])('puts %d at probability %d', (x, p) => {
  expect(normalCdf(x) / p).toBeCloseTo(1, 6);
  expect(normalQuantile(p)).toBeCloseTo(x, 6);
});
