import { afterAll, describe, expect, it } from 'vitest';
import { Goal } from '../../kernels/objective/goal.js';
import { type Limit, parseLimit } from '../../kernels/objective/limits.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { createEvaluator } from '../backends/createEvaluator.js';
import { wholeSweep } from '../backends/requests.js';
import { refine } from '../optimum/refine.js';
import { tierOf } from './scoreboard.js';
import { search } from './search.js';
import type { SearchRequest, SearchState } from './searchState.js';
import { searchWinners } from './winners.js';

const space = compilePsa(loadPsa('cosmic-workload'));
const evaluator = await createEvaluator(space, { backend: 'cpu', threads: 1 });
afterAll(() => evaluator.close());

const objective = parseObjective('time');
const request: SearchRequest = { agent: 'ga', evaluations: 500, population: 50, seed: 0, objective, top: 3 };

/** Runs a search, and keeps its state after each generation as a checkpoint would. */
async function statesOf(searched: SearchRequest): Promise<SearchState[]> {
  const states: SearchState[] = [];
  await search(evaluator, searched, {
    onGeneration: async ({ snapshot }) => void states.push(JSON.parse(JSON.stringify(await snapshot()))),
  });
  return states;
}

describe.each(['ga', 'random'] as const)('search by %s', (agent) => {
  it('evaluates exactly what it was allowed, and counts every design once', async () => {
    const state = await search(evaluator, { ...request, agent, evaluations: 333 });
    expect(state.evaluations).toBe(333);
    const infeasible = state.byReason.reduce((sum, count) => sum + count, 0);
    expect(state.feasible).toBeGreaterThan(0);
    expect(state.feasible + infeasible).toBeGreaterThanOrEqual(333);
  });

  it('goes on from any generation to the same end', async () => {
    const states = await statesOf({ ...request, agent });
    const end = states.at(-1);
    for (const state of states) expect(await search(evaluator, { ...request, agent }, {}, state)).toEqual(end);
  });

  it('ends after the generation in progress when it is told to', async () => {
    const controller = new AbortController();
    const state = await search(
      evaluator,
      { ...request, agent },
      { signal: controller.signal, onGeneration: () => controller.abort() },
    );
    expect(state.evaluations).toBe(request.population);
  });
});

describe('what a search finds', () => {
  it('is the best design of the space, where it can visit all of it', async () => {
    const sweep = wholeSweep(space, [objective]);
    const { top } = refine(space, sweep, await evaluator.sweep(sweep));
    const state = await search(evaluator, { ...request, evaluations: 4000 });
    expect(tierOf(searchWinners(space, state, new Goal(space, [objective]), 1)[0]!.objectives[0]!)).toBe(
      tierOf(top[0]!.objectives[0]!),
    );
  });

  it('improves step by step to the best', async () => {
    const { history, best } = await search(evaluator, request);
    for (let i = 1; i < history.length; i++) {
      expect(history[i]![0]).toBeGreaterThan(history[i - 1]![0]);
      expect(history[i]![1]).toBeLessThan(history[i - 1]![1]);
    }
    expect(tierOf(history.at(-1)![1])).toBe(best[0]!.objective);
  });

  it('lists distinct scores, each with distinct designs', async () => {
    const state = await search(evaluator, request);
    const winners = searchWinners(space, state, new Goal(space, [objective]), 3);
    expect(winners).toHaveLength(3);
    expect(new Set(winners.map(({ objectives }) => tierOf(objectives[0]!))).size).toBe(3);
    for (const { ordinals } of state.best) expect(new Set(ordinals).size).toBe(ordinals.length);
  });
});

it('says no to more limits than a word has bits', async () => {
  const limits = new Array<Limit>(33).fill(parseLimit('cost <= 5e6'));
  await expect(search(evaluator, { ...request, limits })).rejects.toMatchObject({ code: 'ARGUMENT' });
});

it('says no to a backend that does not tell what is feasible', async () => {
  const blind = { ...evaluator, covers: ['costUsd'] as const };
  await expect(search(blind, request)).rejects.toMatchObject({ code: 'BACKEND_LIMIT' });
});
