import { expect, it } from 'vitest';
import { nelderMead } from './nelderMead.js';

it("finds the bottom of Rosenbrock's valley", () => {
  const rosenbrock = ([x, y]: readonly number[]) => 1 + 100 * (y! - x! ** 2) ** 2 + (1 - x!) ** 2;
  const [x, y] = nelderMead(rosenbrock, [-1.2, 1], 400);
  expect(x).toBeCloseTo(1, 1);
  expect(y).toBeCloseTo(1, 1);
});

it('stays where points are allowed', () => {
  const [x] = nelderMead(([a]) => (a! < 2 ? Infinity : 1 + a!), [5], 100);
  expect(x).toBeGreaterThanOrEqual(2);
  expect(x).toBeLessThan(2.1);
});
