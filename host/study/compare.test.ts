import { expect, it } from 'vitest';
import { parseObjective } from '../../kernels/objective/objective.js';
import { compareStacks, gainOf } from './compare.js';
import { paysOnlyTogether } from './interactions.js';
import { paperStudy } from './paper.js';
import { paperCases } from './paperCases.js';
import { paperMarkdown } from './paperMarkdown.js';

/** Bandwidths at their defaults but in one dimension: the network space shrinks to what a test can sweep. */
const SET = [
  'network.topology[0]=Ring,FullyConnected',
  ...[1, 2, 3].map((d) => `network.bandwidthGBps[${d}]=${d === 3 ? 50 : 200}`),
];
const SEARCH = { agent: 'ga', evaluations: 4000, population: 256, seed: 1 } as const;
const EVALUATIONS = { default: SEARCH.evaluations, 'astra-sim': SEARCH.evaluations };
const STUDY = { ...SEARCH, evaluations: EVALUATIONS, profiles: ['default', 'astra-sim'] } as const;
/** The same for another system. */
const NARROW = [0, 1, 2, 3].map((d) => `network.bandwidthGBps[${d}]=${[375, 175, 150, 100][d]}`);
const CPU = { backend: 'cpu', threads: 1 } as const;

it('finds the same optima for two rewards at once as for each alone', async () => {
  const objectives = [parseObjective('time*bandwidth'), parseObjective('time*cost')];
  const request = { system: 'cosmic-512', model: 'vit-base', set: SET, ...SEARCH };
  const both = await compareStacks({ ...request, objectives }, CPU);
  const second = await compareStacks({ ...request, objectives: [objectives[1]!] }, CPU);
  const values = (comparison: (typeof both)[number]) => comparison.optima.map(({ best }) => best?.objectives[0]);
  expect(values(both[1]!)).toEqual(values(second[0]!));
  for (const comparison of both) {
    const [workload, collective, network, full] = comparison.optima;
    expect([workload, collective, network].map((optimum) => optimum!.designs)).toEqual(
      [workload, collective, network].map((optimum) => optimum!.space.count),
    );
    const reference = comparison.baseline!.objectives![0]!;
    expect(comparison.optima.map(({ method }) => method)).toEqual(['proof', 'proof', 'proof', 'proof']);
    expect(full!.designs).toBe(full!.space.count);
    // Values to choose from restrict the spaces that vary the parameter, and leave it alone in the others.
    expect(workload!.space.count).toBe(440n);
    expect(network!.space.genes.find(({ name }) => name === 'network.topology[0]')?.size).toBe(2);
    // But for its names of algorithms, the default is a design of the collective space.
    expect(collective!.best!.objectives[0]).toBeLessThanOrEqual(reference * (1 + 1e-9));
    expect(gainOf(comparison, 'workload')).toBe(workload!.best!.objectives[0]! / full!.best!.objectives[0]!);
    expect(full!.best!.objectives[0]).toBeLessThan(reference);
  }
});

it('compares under the rules of ASTRA-sim too, evaluating a part of what is proven', async () => {
  const objectives = [parseObjective('time*bandwidth')];
  const request = {
    system: 'cosmic-512',
    model: 'vit-base',
    profile: 'astra-sim',
    set: SET,
    ...SEARCH,
    objectives,
  } as const;
  const [comparison] = await compareStacks(request, CPU);
  const [again] = await compareStacks(request, CPU);
  const counts = (of: typeof comparison) =>
    of!.optima.map(({ designs, evaluated, best }) => [designs, evaluated, best!.ordinal]);
  expect(counts(again)).toEqual(counts(comparison));
  for (const { stack, method, space, designs, evaluated, best } of comparison!.optima) {
    expect(space.workload.profile).toBe('astra-sim');
    expect(best!.objectives[0]).toBeLessThanOrEqual(comparison!.baseline!.objectives![0]! * (1 + 1e-9));
    if (method === 'search') continue;
    expect(designs).toBe(space.count);
    // Algorithms of dimensions do not matter to groups, so all designs of that stack are as good as their bounds tell.
    if (stack !== 'collective') expect(evaluated).toBeLessThan(designs / 2n);
  }
});

it('studies a case: effects of single changes, both profiles, and a page that names them', async () => {
  const cases = [...paperCases(['vit-base'], ['cosmic-512']), ...paperCases(['gpt3-175b-qa'])].map((of) => ({
    ...of,
    set: [...of.set, ...(of.system === 'cosmic-512' ? SET : NARROW)],
  }));
  const request = { cases, ...STUDY };
  const study = await paperStudy(request, CPU);
  expect(study.results.map(({ profile, comparison }) => [profile, comparison.objective.label])).toEqual([
    ['default', 'time × bandwidth'],
    ['default', 'time × cost'],
    ['astra-sim', 'time × bandwidth'],
    ['astra-sim', 'time × cost'],
    ['default', 'time × bandwidth'],
    ['default', 'time × cost'],
  ]);
  expect(study.refusals).toMatchObject([{ profile: 'astra-sim', case: { model: 'gpt3-175b-qa' } }]);
  for (const { best } of study.results.slice(0, 4)) {
    expect(best!.effects.length).toBeGreaterThan(0);
    for (const effect of best!.effects.filter(paysOnlyTogether)) expect(effect.without ?? 2).toBeGreaterThan(1);
  }
  const page = paperMarkdown({ request, ...study, seconds: 1, backend: 'cpu' });
  expect(page).toContain('1.50–48.41×');
  expect(page).toMatch(/\| vit-base \| cosmic-512 \| time × cost \(s × \$\) \| [\d,.]+ · [\d,.]+ \|/);
  expect(page).toMatch(/\| gpt3-175b-qa \| cosmic-1024 \| astra-sim \| .*does not cover/);
  expect(page).toContain('Where the profiles disagree');
  expect(page).not.toMatch(/undefined|NaN/);
});

it('names all cases of the paper', () => {
  const cases = paperCases();
  expect(cases.filter(({ part }) => part === 'models').length).toBe(12);
  expect(cases.length).toBe(12 + 3 + 4);
  expect(paperCases(['nothing'])).toEqual([]);
});
