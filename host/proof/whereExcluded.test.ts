import { expect, test } from 'vitest';
import { Goal } from '../../kernels/objective/goal.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { OUTPUT_COUNT } from '../../kernels/outputs.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { describeDesign } from '../../psa/ordinals.js';
import { createCpuEvaluator } from '../backends/cpu/evaluator.js';
import { entryName } from '../designs/designs.js';
import { withBounds } from './bounding.js';
import { type ClosedBox, newProof } from './proofState.js';
import { prove } from './prove.js';
import { whereExcluded } from './whereExcluded.js';

const space = compilePsa(
  loadPsa('cosmic-workload', { set: ['network.bandwidthGBps[0]=50,100', 'network.topology[1]=Ring,Switch'] }),
);
const goal = new Goal(space, [parseObjective('time*cost')]);
const evaluator = createCpuEvaluator(space, 1);
const boxes: ClosedBox[] = [];
const state = await withBounds(evaluator, (bounding) =>
  prove(space, goal, bounding, newProof(undefined), { onClosed: (box) => boxes.push(box) }),
);

test('what a proof says of the designs with a value holds for each of them', async () => {
  const count = Number(space.count);
  const { outputs, status } = await evaluator.evaluate({ kind: 'ordinals', start: 0n, count });
  const entries = Array.from({ length: count }, (_, i) => describeDesign(space, BigInt(i)));
  for (const { name, values } of whereExcluded(space, boxes)) {
    const numbers = values.flatMap(({ value }) => (typeof value === 'number' ? [value] : []));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    for (const { value, shares, bound } of values) {
      const own = Array.from({ length: count }, (_, i) => i).filter((i) =>
        entries[i]!.some((entry) => (entryName(entry) === name || entry.parameter === name) && entry.value === value),
      );
      const best = own
        .filter((i) => goal.isFeasible(status[i]!, outputs, i * OUTPUT_COUNT))
        .reduce((least, i) => Math.min(least, goal.valueOf(outputs, i * OUTPUT_COUNT)), Number.POSITIVE_INFINITY);
      expect(bound).toBeLessThanOrEqual(best * (1 + 1e-9));
      expect(Object.values(shares).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
      if (shares.infeasible === 1) expect(best).toBe(Number.POSITIVE_INFINITY);
    }
  }
});

test('the course of a proof ends where best and bound meet', () => {
  const { course } = state;
  for (const [i, { boxes: at, bound }] of course.entries()) {
    if (i === 0) continue;
    expect(at).toBeGreaterThanOrEqual(course[i - 1]!.boxes);
    expect(bound).toBeGreaterThanOrEqual(course[i - 1]!.bound);
  }
  const end = course.at(-1)!;
  expect(end.best).toBe(state.incumbent!.value);
  expect(end.bound).toBeCloseTo(end.best!, 6);
});
