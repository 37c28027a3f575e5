import { describe, expect, it } from 'vitest';
import { evaluate, genes, type Problem } from '../test/searchProblems.js';
import type { Agent, Evaluated } from './agent.js';
import { AGENT_NAMES, AGENTS, type AgentName } from './agents.js';
import { createAgent } from './createAgent.js';
import { Islands } from './islands.js';

/** Sends its number, and keeps what it receives. */
function islander(number: number, received: number[][]): Agent {
  return {
    batchSize: 2,
    ask: (n) => new Uint32Array(n),
    tell: () => {},
    state: null,
    restore: () => {},
    emigrant: () => ({
      digits: Uint32Array.of(number),
      objectives: Float64Array.of(0),
      violations: Float64Array.of(0),
    }),
    immigrate: ({ digits }) => received[number]!.push(digits[0]!),
  };
}

function live(islands: Islands, generations: number): void {
  for (let i = 0; i < generations; i++) {
    const digits = islands.ask(islands.batchSize);
    islands.tell({
      digits,
      objectives: new Float64Array(digits.length),
      violations: new Float64Array(digits.length),
    });
  }
}

describe('migration', () => {
  it.each([
    [1, 2],
    [3, 0],
    [0, 0],
  ])('every %i generations: in two generations each island receives %i designs, all from the one before', (every, times) => {
    const received: number[][] = [[], [], []];
    live(
      new Islands(
        [0, 1, 2].map((number) => islander(number, received)),
        every,
      ),
      2,
    );
    expect(received).toEqual([2, 0, 1].map((from) => new Array(times).fill(from)));
  });

  it('counts generations across a resume', () => {
    const received: number[][] = [[], []];
    const before = new Islands(
      [0, 1].map((number) => islander(number, [[], []])),
      3,
    );
    live(before, 2);
    const after = new Islands(
      [0, 1].map((number) => islander(number, received)),
      3,
    );
    after.restore(before.state);
    live(after, 1);
    expect(received).toEqual([[1], [0]]);
  });
});

const over = genes(6, 10, 'linear');
const sum: Problem = (digits) => ({ objectives: [digits.reduce((total, digit) => total + digit)] });
const worse: Problem = (digits) => ({ objectives: [sum(digits).objectives[0]! + 1000] });

function trained(name: AgentName, seed: number, problem: Problem): Agent {
  const agent = createAgent(name, over, seed, { population: 20 });
  for (let i = 0; i < 5; i++) agent.tell(evaluate(agent.ask(20), 20, problem));
  return agent;
}

/** A batch of one without its typed arrays' owners. */
function plain({ digits, objectives, violations }: Evaluated) {
  return [digits, objectives, violations].map((array) => [...array]);
}

const EXCHANGING = AGENT_NAMES.filter((name) => AGENTS[name].islands === 'exchanging');

describe.each(EXCHANGING)('%s', (name) => {
  it('takes in a better design from elsewhere', () => {
    const newcomer = trained(name, 1, sum).emigrant!()!;
    expect(sum([...newcomer.digits]).objectives).toEqual([...newcomer.objectives]);
    const agent = trained(name, 2, worse);
    const before = JSON.stringify(agent.state);
    agent.immigrate!(newcomer);
    expect(JSON.stringify(agent.state)).not.toBe(before);
    // With several objectives it sends any good design.
    if (AGENTS[name].objectives === 'first') expect(plain(agent.emigrant!()!)).toEqual(plain(newcomer));
  });

  it('says what an infeasible design is short of', () => {
    const lost: Problem = (digits) => ({ objectives: [1], violation: 1 + digits[0]! / 10 });
    const { digits, violations } = trained(name, 1, lost).emigrant!()!;
    expect(violations[0]).toBeCloseTo(1 + digits[0]! / 10, 12);
  });
});

describe.each(EXCHANGING.filter((name) => AGENTS[name].objectives === 'first'))('%s', (name) => {
  it('has no use for a worse design', () => {
    const agent = trained(name, 1, sum);
    const before = JSON.stringify(agent.state);
    agent.immigrate!(trained(name, 2, worse).emigrant!()!);
    expect(JSON.stringify(agent.state)).toBe(before);
  });
});

it.each(AGENT_NAMES)('%s sends and takes designs if it says so, and only then', (name) => {
  const agent = createAgent(name, over, 0);
  const exchanges = AGENTS[name].islands === 'exchanging';
  expect([agent.emigrant !== undefined, agent.immigrate !== undefined]).toEqual([exchanges, exchanges]);
});
