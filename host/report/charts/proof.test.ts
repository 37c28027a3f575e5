import { expect, it } from 'vitest';
import { parseObjective } from '../../../kernels/objective/objective.js';
import { powersAround } from './bandwidths.js';
import { proofCourseChart } from './proof.js';

const time = parseObjective('time');

it('a proof whose best and bound met at once has no course to draw', () => {
  const met = [
    { boxes: 384, best: 32.2448030071, bound: 32.2448030068 },
    { boxes: 385, best: 32.2448030071, bound: 32.2448030071 },
  ];
  expect(proofCourseChart(met, time)).toEqual([]);
  expect(proofCourseChart([{ ...met[0]!, best: undefined }, met[1]!], time)).toEqual([]);
  expect(proofCourseChart([{ boxes: 1, best: undefined, bound: 3 }, ...met], time)).toHaveLength(1);
});

it('an axis of powers ends around its values, and has at most ten labels', () => {
  expect(powersAround([6.25, 100])).toEqual({ logBase: 2, min: 4, max: 128 });
  expect(powersAround([6.25, 3600])).toEqual({ logBase: 4, min: 4, max: 4096 });
});
