/** What the agents themselves cost: asking for a large population and taking in its results, beside its evaluation. */

import {
  AGENT_NAMES,
  AGENTS,
  type Agent,
  type AgentName,
  type AgentOptions,
  createAgent,
  createEvaluator,
  type Evaluator,
  Goal,
  parseObjective,
} from '../host/index.js';
import { createScorer, type Scored } from '../host/search/score.js';
import { mean } from '../host/statistics/statistics.js';
import type { CompiledSpace } from '../psa/index.js';

export interface AgentCost {
  readonly agent: AgentName;
  /** Designs of a generation. */
  readonly population: number;
  /** Asking and telling, per generation. */
  readonly agentMs: number;
  /** Evaluating and scoring the same designs on one thread, and on all. */
  readonly evaluations: readonly {
    readonly threads: number;
    readonly ms: number;
    /** The agent's part of both. */
    readonly sharePercent: number;
  }[];
}

const POPULATION = 65_536;

/** Designs of a measured search, if it went on: agents that pace themselves are then at their beginning. */
const EVALUATIONS = 1000 * POPULATION;

/** Those whose time does not grow with the designs that they know. */
const MEASURED = AGENT_NAMES.filter((name) => AGENTS[name].largestBudget === undefined);

/** What makes the whole generation as large: where an agent has islands in itself, their number. */
function generationOptions(agent: AgentName): AgentOptions {
  const { islands, parameters } = AGENTS[agent];
  return islands === 'inside' ? { islands: POPULATION / parameters.population!.default } : { population: POPULATION };
}

/** The first generations are random, and code is compiled for them; a search in such generations has many more. */
const WARM_UP = 4;

/** Means over as many: garbage that an agent leaves is collected now and then, and a portfolio takes turns. */
const GENERATIONS = 4;

type Evaluate = (digits: Uint32Array) => Promise<Scored>;

/** Evaluates designs as a search does; several objectives where the agent is for that. */
function evaluateWith(evaluator: Evaluator, agent: AgentName): Evaluate {
  const objectives = (AGENTS[agent].objectives === 'all' ? ['time', 'cost'] : ['time*cost']).map((text) =>
    parseObjective(text),
  );
  const score = createScorer(evaluator.space, new Goal(evaluator.space, objectives));
  return async (digits) => score(digits, await evaluator.evaluate({ kind: 'digits', digits, count: POPULATION }));
}

/** Milliseconds of the agent, and of the evaluation. */
async function generation(agent: Agent, evaluate: Evaluate): Promise<readonly [agent: number, evaluation: number]> {
  const start = performance.now();
  const digits = agent.ask(POPULATION);
  const asked = performance.now();
  const { objectives, violations } = await evaluate(digits);
  const evaluated = performance.now();
  agent.tell({ digits, objectives, violations });
  return [asked - start + performance.now() - evaluated, evaluated - asked];
}

async function measureAgent(name: AgentName, single: Evaluator, all: Evaluator, threads: number): Promise<AgentCost> {
  const options = { ...generationOptions(name), evaluations: EVALUATIONS };
  const agent = createAgent(name, all.space.genes, 1, options);
  const times: (readonly [number, number])[] = [];
  for (let i = 0; i < WARM_UP + GENERATIONS; i++) times.push(await generation(agent, evaluateWith(all, name)));
  const agentMs = mean(times.slice(WARM_UP).map(([own]) => own));
  const [, singleMs] = await generation(agent, evaluateWith(single, name));
  const costs = [
    { threads: 1, ms: singleMs },
    ...(threads > 1 ? [{ threads, ms: mean(times.slice(WARM_UP).map(([, evaluation]) => evaluation)) }] : []),
  ];
  return {
    agent: name,
    population: POPULATION,
    agentMs,
    evaluations: costs.map((cost) => ({ ...cost, sharePercent: (100 * agentMs) / (agentMs + cost.ms) })),
  };
}

/** Every agent that suits large generations, in such, with the CPU path. */
export async function measureAgents(space: CompiledSpace, threads: number): Promise<AgentCost[]> {
  const single = await createEvaluator(space, { backend: 'cpu', threads: 1 });
  const all = threads > 1 ? await createEvaluator(space, { backend: 'cpu', threads }) : single;
  try {
    // The evaluators' own code is compiled before the first agent comes.
    for (const evaluator of [single, all])
      await evaluator.evaluate({ kind: 'samples', seed: 1, start: 0n, count: POPULATION });
    const costs: AgentCost[] = [];
    for (const name of MEASURED) costs.push(await measureAgent(name, single, all, threads));
    return costs;
  } finally {
    await single.close();
    await all.close();
  }
}
