import { describe, expect, it } from 'vitest';
import { Goal } from '../../kernels/objective/goal.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { compilePsa, loadPsa } from '../../psa/index.js';
import { winnerEvaluator } from '../search/winners.js';
import { toCsv } from './csv.js';
import { designName, designTable } from './designTable.js';

describe('the table of designs', () => {
  const space = compilePsa(loadPsa('cosmic-full'));
  const goal = new Goal(
    space,
    ['time*cost', 'reward-bandwidth', 'memory'].map((text) => parseObjective(text)),
  );
  const ordinal = 18_887_037_040_001n;
  const winner = winnerEvaluator(space, new Goal(space, [parseObjective('time')]))(ordinal, 1);
  const { columns, rows } = designTable(space, winner === undefined ? [] : [winner], goal.objectives);
  const names = columns.map(({ name }) => name);

  it('names each column once, in snake_case, with its unit', () => {
    expect(names.filter((name) => !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining([
        'objective_time_cost_s_usd',
        'workload_dp_npus',
        'network_npus_3',
        'network_bandwidth_gbps_0',
        'compute_peak_tflops',
        'time_us',
        'memory_mb',
        'cost_usd',
        'tokens_per_second',
      ]),
    );
  });

  it('keeps ordinals from being read as numbers', () => {
    const cells = toCsv(names, [rows[0] ?? [1, designName(ordinal)]])
      .split('\n')[1]!
      .split(',');
    expect(cells[1]).toBe(`d${ordinal}`);
    expect(Number.isNaN(Number(cells[1]))).toBe(true);
  });
});
