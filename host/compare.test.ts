import { expect, it } from 'vitest';
import { parseObjective } from '../kernels/objective/objective.js';
import { OUTPUT } from '../kernels/outputs.js';
import { compareStacks, gainOf } from './compare.js';
import { paysOnlyTogether } from './study/interactions.js';
import { paperStudy } from './study/paper.js';
import { paperCases } from './study/paperCases.js';
import { paperReport } from './study/paperReport.js';

/** Bandwidths at their defaults but in one dimension: the network space shrinks to what a test can sweep. */
const SET = [
  'network.topology[0]=Ring,FullyConnected',
  ...[1, 2, 3].map((d) => `network.bandwidthGBps[${d}]=${d === 3 ? 50 : 200}`),
];
const SEARCH = { agent: 'ga', evaluations: 4000, population: 256, seed: 1 } as const;
const CPU = { backend: 'cpu', threads: 1 } as const;

it('finds the same optima for two rewards at once as for each alone', { timeout: 30_000 }, async () => {
  const objectives = [parseObjective('time*bandwidth'), parseObjective('time*cost')];
  const request = { system: 'cosmic-512', model: 'vit-base', set: SET, ...SEARCH };
  const both = await compareStacks({ ...request, objectives }, CPU);
  const second = await compareStacks({ ...request, objectives: [objectives[1]!] }, CPU);
  const values = (comparison: (typeof both)[number]) => comparison.optima.map(({ best }) => best?.objectives[0]);
  expect(values(both[1]!)).toEqual(values(second[0]!));
  for (const comparison of both) {
    const [workload, collective, network, full] = comparison.optima;
    expect([workload, collective, network].map((optimum) => optimum!.evaluated)).toEqual(
      [workload, collective, network].map((optimum) => optimum!.space.count),
    );
    const reference = comparison.baseline!.objectives![0]!;
    // Values to choose from restrict the spaces that vary the parameter, and leave it alone in the others.
    expect(workload!.space.count).toBe(440n);
    expect(network!.space.genes.find(({ name }) => name === 'network.topology[0]')?.size).toBe(2);
    // But for its names of algorithms, the default is a design of the collective space.
    expect(collective!.best!.objectives[0]).toBeLessThanOrEqual(reference * (1 + 1e-9));
    expect(gainOf(comparison, 'workload')).toBe(workload!.best!.objectives[0]! / full!.best!.objectives[0]!);
    expect(full!.best!.objectives[0]).toBeLessThan(reference);
  }
});

it(
  'studies a case: effects of single changes, both profiles, and a page that names them',
  { timeout: 60_000 },
  async () => {
    const cases = paperCases(['vit-base'], ['cosmic-512']).map((of) => ({ ...of, set: [...of.set, ...SET] }));
    const request = { cases, ...SEARCH };
    const results = await paperStudy(request, CPU);
    expect(results.map(({ comparison }) => comparison.objective.label)).toEqual(['time × bandwidth', 'time × cost']);
    for (const { best, comparison } of results) {
      const { baseline } = comparison;
      expect(best!.effects.length).toBeGreaterThan(0);
      const speedup = baseline!.outputs[OUTPUT.timeUs]! / best!.winner.outputs[OUTPUT.timeUs]!;
      expect(best!.astra!.defaultProfile).toBeCloseTo(speedup, 9);
      expect(best!.astra!.astraSim).toBeGreaterThan(1);
      for (const effect of best!.effects.filter(paysOnlyTogether)) expect(effect.without ?? 2).toBeGreaterThan(1);
    }
    const page = paperReport({ request, results, seconds: 1, backend: 'cpu' });
    expect(page).toContain('1.50–48.41×');
    expect(page).toContain('| vit-base | cosmic-512 | time × cost (s × $) |');
    expect(page).not.toMatch(/undefined|NaN/);
  },
);

it('names all cases of the paper', () => {
  const cases = paperCases();
  expect(cases.filter(({ part }) => part === 'models').length).toBe(12);
  expect(cases.length).toBe(12 + 3 + 4);
  expect(paperCases(['nothing'])).toEqual([]);
});
