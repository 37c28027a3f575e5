import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, genes, type Problem, run } from '../test/searchProblems.js';
import type { AgentGene, AgentOptions, PlainData } from './agent.js';
import { AGENT_NAMES, AGENTS, type AgentName } from './agents.js';
import { createAgent, createIslands } from './createAgent.js';
import { defaultsOf } from './shared/parameters.js';

const mixed: AgentGene[] = [
  { size: 286, scale: 'tuple' },
  { size: 1, scale: 'category' },
  { size: 2, scale: 'linear' },
  { size: 10, scale: 'log' },
  { size: 4, scale: 'category' },
];

const problem: Problem = (digits) => ({
  objectives: [digits.reduce((sum, digit) => sum + digit)],
  violation: digits[4]! & 1,
});

/** Small, so that all agents come past their random beginning soon. */
function optionsOf(name: AgentName): AgentOptions {
  const parameters = { initial: 16, candidates: 50, features: 40 };
  return { population: 8, evaluations: 400, ...(name === 'bo' ? { parameters } : {}) };
}

describe.each(AGENT_NAMES)('%s', (name) => {
  const options = optionsOf(name);

  it('proposes only digits below the sizes of their genes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
        const agent = createAgent(name, mixed, seed, options);
        run(agent, problem, 80);
        const digits = agent.ask(20);
        expect(digits).toHaveLength(20 * mixed.length);
        digits.forEach((digit, i) => {
          expect(digit).toBeLessThan(mixed[i % mixed.length]!.size);
        });
      }),
      { numRuns: 10 },
    );
  });

  it('goes on from a state that went through JSON, bit for bit, from after any answer or question', () => {
    const whole = createIslands(name, mixed, 0, 2, options);
    for (let generation = 0; generation < 12; generation++) {
      const afterAnswer = createIslands(name, mixed, 0, 2, options);
      afterAnswer.restore(JSON.parse(JSON.stringify(whole.state)));
      const count = whole.batchSize;
      const digits = whole.ask(count);
      expect(afterAnswer.batchSize).toBe(count);
      expect(afterAnswer.ask(count)).toEqual(digits);
      const afterQuestion = createIslands(name, mixed, 0, 2, options);
      afterQuestion.restore(JSON.parse(JSON.stringify(whole.state)));
      const results = evaluate(digits, count, problem);
      whole.tell(results);
      afterQuestion.tell(results);
      expect(JSON.stringify(afterQuestion.state)).toBe(JSON.stringify(whole.state));
    }
  });

  it('depends on its seed alone, and 0 is a seed like others', () => {
    const first = (seed: number) => createAgent(name, mixed, seed).ask(50);
    expect(first(0)).toEqual(first(0));
    expect(first(0)).not.toEqual(first(1));
  });

  it('copes with a space without genes', () => {
    expect(run(createAgent(name, [], 0, options), () => ({ objectives: [7] }), 40).best).toBe(7);
  });

  it('copes with genes of one value only', () => {
    const fixed = genes(3, 1, 'category');
    expect(run(createAgent(name, fixed, 0, options), () => ({ objectives: [7] }), 120).best).toBe(7);
  });

  it('survives generations without a feasible design, and equal fitness everywhere', () => {
    const agent = createAgent(name, mixed, 0, options);
    expect(run(agent, () => ({ objectives: [1], violation: 1 }), 400).best).toBe(Number.POSITIVE_INFINITY);
    expect(run(agent, () => ({ objectives: [1] }), 400).best).toBe(1);
  });

  it('visits all of a space smaller than its population', () => {
    const agent = createAgent(name, genes(2, 3, 'category'), 0, { ...options, population: 24 });
    const seen = new Set<string>();
    run(agent, (digits) => ({ objectives: [seen.add(digits.join()).size] }), 400);
    expect(seen.size).toBe(9);
  });

  it('listens to each of its parameters', () => {
    const state = (parameters: Readonly<Record<string, number>>) => {
      const agent = createAgent(name, mixed, 3, { evaluations: 4000, parameters });
      return [run(agent, problem, name === 'bo' ? 300 : 4000), agent.state];
    };
    const usual = state({});
    for (const [parameter, value] of Object.entries(defaultsOf(AGENTS[name].parameters))) {
      const changed = value > 1 ? Math.ceil(value / 2) : value > 0.5 ? 0.1 : 0.9;
      expect(state({ [parameter]: parameter === 'population' ? 50 : changed }), parameter).not.toEqual(usual);
    }
  });

  it('takes a last batch that is smaller than it asked for', () => {
    const agent = createAgent(name, mixed, 0, options);
    expect(run(agent, problem, agent.batchSize * 3 + 1).evaluations).toBe(agent.batchSize * 3 + 1);
  });
});

type Changeable = { [key: string]: Changeable };

/** The plain data with one of its values after another missing or something else; of each array only its first values. */
function corrupted(data: Changeable): readonly (readonly [place: string, data: Changeable])[] {
  return Object.entries(data).flatMap(([key, value]) => {
    const inner = typeof value === 'object' && value !== null ? corrupted(value).slice(0, 40) : [];
    const others = [['missing', undefined], ['text', 'x'], ...inner] as const;
    return others.map(([place, other]) => {
      const copy = Object.assign(Array.isArray(data) ? [] : {}, data, { [key]: other }) as Changeable;
      return [`${key}.${place}`, copy] as const;
    });
  });
}

describe.each(AGENT_NAMES)('the state of %s', (name) => {
  const agentOver = (over: readonly AgentGene[], of = name) => createIslands(of, over, 0, 2, optionsOf(of));
  const trained = agentOver(mixed);
  run(trained, problem, 120);
  const state = JSON.parse(JSON.stringify(trained.state)) as PlainData;
  const refused = expect.objectContaining({ name: 'CosmicError', code: 'RUN_MISMATCH' });

  it('is refused by all other agents', () => {
    for (const other of AGENT_NAMES) {
      if (other !== name) expect(() => agentOver(mixed, other).restore(state), other).toThrow(refused);
    }
  });

  it.runIf(name !== 'random')('is refused over another space', () => {
    expect(() => agentOver(mixed.slice(1)).restore(state)).toThrow(refused);
    expect(() => agentOver(mixed.map((gene) => ({ ...gene, size: 1 }))).restore(state)).toThrow(refused);
  });

  it('is refused where any part of it is missing or something else', () => {
    const states = corrupted(state as Changeable);
    expect(states.length).toBeGreaterThan(1);
    for (const [place, other] of states) {
      expect(() => agentOver(mixed).restore(JSON.parse(JSON.stringify(other))), place).toThrow(refused);
    }
  });

  it('is refused where there is more in it, or nothing', () => {
    const strange: PlainData[] = [{ ...(state as Changeable), more: 1 }, null, 7, 'state', [], {}];
    for (const other of strange) expect(() => agentOver(mixed).restore(other)).toThrow(refused);
  });
});

describe('islands', () => {
  const options = optionsOf('ga');

  it('are as many independent searches, the first of them the agent alone', () => {
    const alone = createAgent('ga', mixed, 5, options);
    const islands = createIslands('ga', mixed, 5, 3, options);
    expect(islands.batchSize).toBe(3 * alone.batchSize);
    const digits = islands.ask(islands.batchSize);
    const part = digits.length / 3;
    expect(digits.subarray(0, part)).toEqual(alone.ask(alone.batchSize));
    expect(digits.subarray(0, part)).not.toEqual(digits.subarray(part, 2 * part));
  });

  it('share a batch that is smaller than they are many', () => {
    const islands = createIslands('evolution', mixed, 0, 5, options);
    expect(run(islands, problem, 3).evaluations).toBe(3);
  });
});

it('refuses a population of none', () => {
  expect(() => createAgent('ga', mixed, 0, { population: 0 })).toThrow(expect.objectContaining({ code: 'ARGUMENT' }));
});

const REFUSED: readonly Readonly<Record<string, number>>[] = [
  { mutation: 1 },
  { toString: 1 },
  { mutations: -1 },
  { mutations: Number.NaN },
  { elite: 1.1 },
  { tournament: 2.5 },
];

it.each(REFUSED)('refuses the parameters %j', (parameters) => {
  expect(() => createAgent('ga', mixed, 0, { parameters })).toThrow(expect.objectContaining({ code: 'ARGUMENT' }));
});
