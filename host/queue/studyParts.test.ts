import { describe, expect, it } from 'vitest';
import { parseObjective } from '../../kernels/objective/objective.js';
import { casePart, StudyRunner } from './studyParts.js';

const runner = new StudyRunner({ backend: 'cpu', threads: 1 });
const objectives = [parseObjective('time*cost')];
const search = { agent: 'ga', evaluations: 100, population: 10, seed: 0 } as const;
const part = casePart({ system: 'cosmic-512', model: 'vit-base', set: [], objectives, ...search });
const trials = {
  kind: 'trials',
  space: 'workload',
  objective: 'time',
  optimum: 1,
  agent: 'ga',
  budget: 10,
  seeds: [1],
};

describe('parts of a study', () => {
  it.each([
    ['a model that is a file', { ...part, model: '/etc/passwd' }],
    ['a system that is a file', { ...part, system: './mine.yaml' }],
    ['a space that is no study’s', { ...trials, space: 'cosmic-full' }],
    ['no seeds', { ...trials, seeds: [] }],
    ['more seeds than a part has', { ...trials, seeds: [1, 2, 3, 4, 5, 6, 7, 8, 9] }],
    ['something besides', { ...trials, file: '/etc/passwd' }],
    ['another kind', { kind: 'sweep' }],
    ['nothing', null],
  ])('are refused with %s', async (_, plain) => {
    await expect(runner.run(JSON.stringify(plain))).rejects.toMatchObject({ code: 'QUEUE' });
  });

  it('search by the seeds that they name, in their order', async () => {
    const histories = async (seeds: number[]) =>
      JSON.parse(String((await runner.run(JSON.stringify({ ...trials, seeds }))).bytes));
    const [one, two] = await histories([1, 2]);
    expect(await histories([2, 1])).toEqual([two, one]);
    expect(one).not.toEqual(two);
    await runner.close();
  });
});
