import { expect, it } from 'vitest';
import { parseObjective } from '../../kernels/objective/objective.js';
import { designOf, ordinalOfDesign } from '../../psa/ordinals.js';
import { SLOT, slotOf } from '../../psa/parameters.js';
import { smallSpace } from '../../test/smallSpace.js';
import { designEvaluator } from '../designs/designs.js';
import { alternatives } from './alternatives.js';

const space = smallSpace();
const objective = parseObjective('time');
const design = designOf(space, 0n).slice();
for (const [axis, degree] of [
  ['dp', 8],
  ['tp', 2],
  ['pp', 4],
] as const)
  design[slotOf(`workload.${axis}`)] = degree;
const own = ordinalOfDesign(space, design)!;
const found = alternatives(space, own, objective);
const of = (name: string) => found.filter(({ parameter }) => parameter === name);

it('give a degree each other value, and data parallelism follows alone', () => {
  const tp = of('workload.tp');
  expect(tp.map((other) => other.design[SLOT.workload.tp]).sort((a, b) => a! - b!)).toEqual([1, 4, 8, 16, 32, 64]);
  // With pp = 4 and dp = 1, tp is 16.
  for (const { changed, design: other } of tp.filter((one) => one.design[SLOT.workload.tp]! <= 16)) {
    expect(changed).toEqual(['workload.tp', 'workload.dp']);
    expect(other[SLOT.workload.pp]).toBe(4);
    expect(other[SLOT.workload.dp]! * other[SLOT.workload.tp]! * 4).toBe(64);
  }
});

it('name each parameter that differs, and no other', () => {
  for (const { changed, design: other, ordinal } of found) {
    expect(ordinalOfDesign(space, other)).toBe(ordinal);
    const slots = [...other.keys()].filter((slot) => other[slot] !== design[slot]);
    expect(changed.length).toBe(slots.length);
  }
});

it('are as good as they are found to be, and count once for each value', () => {
  const evaluate = designEvaluator(space);
  for (const { design: other, status, outputs } of found) expect(evaluate(other)).toMatchObject({ status, outputs });
  expect(of('workload.weightSharding').length).toBe(2);
  expect(of('workload.dp').length).toBe(6);
});
