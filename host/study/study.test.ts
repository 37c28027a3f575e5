import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseObjective } from '../../kernels/objective/objective.js';
import { curvesSvg } from './curves.js';
import { STUDY_SPACES } from './spaces.js';
import { type StudyRequest, studyAgents } from './study.js';

const request: StudyRequest = {
  spaces: STUDY_SPACES.slice(0, 1),
  agents: ['random', 'ga', 'local', 'bo'],
  seeds: 7,
  budgets: [150],
  objective: parseObjective('time'),
  sensitivity: false,
};
const options = { backend: 'cpu', threads: 1 } as const;
const studies = await studyAgents(request, options);
const [workload] = studies;

describe('studyAgents', () => {
  it('measures each agent against the certified optimum', () => {
    expect(workload!.optimum.designs).toBe('572');
    expect(workload!.regrets.map(({ agent }) => agent)).toEqual(request.agents);
    for (const { median, p10, p90, solved, seeds } of workload!.regrets) {
      expect(seeds).toBe(7);
      expect(p10).toBeGreaterThanOrEqual(0);
      expect(p10).toBeLessThanOrEqual(median);
      expect(median).toBeLessThanOrEqual(p90);
      expect(solved > 3).toBe(median === 0);
    }
  });

  it('sees regret only fall with evaluations', () => {
    for (const { curve } of workload!.regrets) {
      const values = curve.map(([, regret]) => regret);
      for (let i = 1; i < values.length; i++) expect(values[i]).toBeLessThanOrEqual(values[i - 1]!);
    }
  });

  it('finds an agent that looks around better than random search', () => {
    const of = (agent: string) => workload!.regrets.find((regret) => regret.agent === agent)!;
    expect(of('local').solved).toBeGreaterThan(of('random').solved);
  });

  it('takes a known optimum where it still holds, and only there', async () => {
    const few = { ...request, agents: ['random'] as const, seeds: 1, largestTable: 0n };
    const sweeps: string[] = [];
    const control = { onProgress: (what: string) => void (what.endsWith('all designs') && sweeps.push(what)) };
    const again = await studyAgents({ ...few, known: [workload!.optimum] }, options, control);
    expect(sweeps).toEqual([]);
    expect(again[0]!.optimum).toEqual(workload!.optimum);
    const stale = { ...workload!.optimum, value: workload!.optimum.value * 0.9 };
    const fresh = await studyAgents({ ...few, known: [stale] }, options, control);
    expect(sweeps.length).toBeGreaterThan(0);
    expect(fresh[0]!.optimum.value).toBe(workload!.optimum.value);
  });

  it('finds the same by a table of all designs as by a proof and by evaluating each', async () => {
    const [evaluated] = await studyAgents({ ...request, largestTable: 0n }, options);
    expect(evaluated!.optimum.value).toBe(workload!.optimum.value);
    expect(evaluated!.regrets).toEqual(workload!.regrets);
  });

  it('refuses an objective without a bound where a space is too large for a table', async () => {
    const large = { ...request, objective: parseObjective('time^-1'), largestTable: 0n };
    await expect(studyAgents(large, options)).rejects.toMatchObject({ code: 'ARGUMENT' });
  });

  it('finds the same on two threads', async () => {
    expect((await studyAgents(request, { backend: 'cpu', threads: 2 }))[0]).toEqual(workload);
  });

  it('goes on after an interrupt with the searches that are missing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cosmic-study-'));
    const journal = join(folder, 'searches.jsonl');
    const journalled = { ...request, agents: ['random', 'local'] as const, journal };
    const controller = new AbortController();
    const onProgress = (what: string, done: number) => {
      if (what.includes('random') && done === 3) controller.abort();
    };
    const [part] = await studyAgents(journalled, options, { onProgress, signal: controller.signal });
    expect(part!.regrets.map(({ agent, seeds }) => [agent, seeds])).toEqual([['random', 3]]);
    // As a kill in the middle of a line would leave it.
    appendFileSync(journal, '{"key":"half');
    const seen: number[] = [];
    const [whole] = await studyAgents(journalled, options, {
      onProgress: (what, done) => void (what.includes('evaluations') && seen.push(done)),
    });
    expect(seen).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
    expect(whole!.regrets).toEqual(workload!.regrets.filter(({ agent }) => agent === 'random' || agent === 'local'));
    expect(existsSync(journal)).toBe(false);
    rmSync(folder, { recursive: true });
  });

  it('varies parameters one at a time', async () => {
    const [study] = await studyAgents({ ...request, agents: ['aco'], seeds: 1, sensitivity: true }, options);
    expect(study!.varied.length).toBeGreaterThan(4);
    for (const { parameters } of study!.varied) expect(Object.keys(parameters!)).toHaveLength(1);
    // One seed of eight settings: some of them matter.
    expect(new Set(study!.varied.map(({ curve }) => JSON.stringify(curve))).size).toBeGreaterThan(3);
  });

  it('draws its curves', () => {
    const svg = curvesSvg(studies);
    expect(svg).toMatch(/^<svg/);
    for (const agent of request.agents) expect(svg).toContain(agent);
  });
});
