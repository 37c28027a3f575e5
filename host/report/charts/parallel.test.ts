import { expect, it } from 'vitest';
import { Goal } from '../../../kernels/objective/goal.js';
import { parseObjective } from '../../../kernels/objective/objective.js';
import { openSpace } from '../../runs/openSpace.js';
import type { RunResult } from '../../runs/runResult.js';
import { winnerEvaluator } from '../../search/winners.js';
import { parallelChart } from './parallel.js';

it('marks the design that the page calls the best, though another that was kept is as good', () => {
  const { space } = openSpace('cosmic-full');
  const goal = new Goal(space, [parseObjective('time*cost')]);
  const [kept, best] = [18887037040000n, 18887067040000n].map((ordinal) => winnerEvaluator(space, goal)(ordinal, 1)!);
  const run: Partial<RunResult> = { space, goal, kept: [kept!, best!], baseline: undefined };
  const [chart] = parallelChart(run as RunResult, best!);
  const { series } = chart!.option as { series: { data: { tooltip: { formatter: string } }[] }[] };
  const designs = series.map(({ data }) => data.map(({ tooltip }) => /design (\d+)/.exec(tooltip.formatter)![1]));
  expect(designs).toEqual([['18887037040000'], ['18887067040000']]);
});
