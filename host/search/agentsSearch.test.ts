/** Searches with every agent, and what searches may ask for beside one objective. */
import { afterAll, describe, expect, it } from 'vitest';
import { AGENT_NAMES } from '../../agents/agents.js';
import { Goal } from '../../kernels/objective/goal.js';
import { parseLimit } from '../../kernels/objective/limits.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { OUTPUT } from '../../kernels/outputs.js';
import { covers } from '../../kernels/reduce/front.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { createEvaluator } from '../backends/createEvaluator.js';
import { search } from './search.js';
import type { SearchRequest, SearchState } from './searchState.js';
import { frontWinners, searchWinners } from './winners.js';

/** Two topologies a dimension, and all that the workload may vary: 91,520 designs. */
const space = compilePsa(
  loadPsa('cosmic-full', {
    set: [
      'collective.schedulingPolicy=LIFO',
      'collective.chunks=4',
      'collective.multiDimensional=baseline',
      'collective.algorithm=ring',
      'network.topology=Ring,FullyConnected',
      'network.bandwidthGBps=100',
    ],
  }),
);
const evaluator = await createEvaluator(space, { backend: 'cpu', threads: 1 });
afterAll(() => evaluator.close());

/** On a busy machine. */

const [time, cost] = [parseObjective('time'), parseObjective('cost')];
const request: SearchRequest = { agent: 'ga', evaluations: 400, population: 20, seed: 0, objective: time, top: 3 };

async function statesOf(searched: SearchRequest): Promise<SearchState[]> {
  const states: SearchState[] = [];
  await search(evaluator, searched, {
    onGeneration: async ({ snapshot }) => void states.push(JSON.parse(JSON.stringify(await snapshot()))),
  });
  return states;
}

describe.each(AGENT_NAMES)('search by %s', (agent) => {
  it('goes on from a checkpoint to the same end, bit for bit, on islands too', async () => {
    const searched = { ...request, agent, islands: 2, population: 10 };
    const states = await statesOf(searched);
    for (const state of states.filter((_, i) => i % 5 === 3)) {
      const end = await search(evaluator, searched, {}, state);
      expect(JSON.stringify(end)).toBe(JSON.stringify(states.at(-1)));
    }
    expect(states.at(-1)!.evaluations).toBe(400);
  });
});

describe('limits', () => {
  it('keep designs beyond them out, and count them', async () => {
    const free = await search(evaluator, request);
    const best = searchWinners(space, free, new Goal(space, [time]), 1)[0]!;
    const limit = parseLimit(`memory <= ${best.outputs[OUTPUT.memoryMB]! * 0.8e6}`);
    const state = await search(evaluator, { ...request, limits: [limit] });
    expect(state.byLimit[0]).toBeGreaterThan(0);
    const winners = searchWinners(space, state, new Goal(space, [time], [limit]), 3);
    expect(winners.length).toBeGreaterThan(0);
    for (const { outputs } of winners) {
      expect(outputs[OUTPUT.memoryMB]! * 1e6).toBeLessThanOrEqual(limit.bound);
    }
    expect(winners[0]!.objectives[0]).toBeGreaterThan(best.objectives[0]!);
  });
});

describe('several objectives', () => {
  it('give a front of designs that none beats, with the best of each objective', async () => {
    const network = compilePsa(
      loadPsa('cosmic-network', { set: ['network.npus=4,8', 'network.bandwidthGBps=100,500'] }),
    );
    const there = await createEvaluator(network, { backend: 'cpu', threads: 1 });
    const searched = {
      ...request,
      agent: 'nsga2' as const,
      evaluations: 8000,
      population: 100,
      moreObjectives: [cost],
    };
    const front = frontWinners(network, await search(there, searched), new Goal(space, [time, cost]));
    expect(front.length).toBeGreaterThan(2);
    for (const a of front) for (const b of front) if (a !== b) expect(covers(a.objectives, b.objectives)).toBe(false);
    const whole = await there.sweep({
      source: { kind: 'ordinals' },
      start: 0n,
      count: network.count,
      objectives: [time, cost],
      top: 1,
      pareto: true,
    });
    const least = (k: number) => Math.min(...whole.pareto.map(({ objectives }) => objectives[k]!));
    expect(front[0]!.objectives[0]! / least(0)).toBeLessThan(1.01);
    expect(front.at(-1)!.objectives[1]! / least(1)).toBeLessThan(1.01);
    await there.close();
  });
});

describe('patience', () => {
  it('ends a search that gains nothing any more', async () => {
    const state = await search(evaluator, { ...request, evaluations: 100_000, patience: 500 });
    expect(state.evaluations).toBeLessThan(20_000);
    expect(state.evaluations - state.history.at(-1)![0]).toBeGreaterThanOrEqual(500);
  });
});
