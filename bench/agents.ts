/** What the agents themselves cost: asking for a large population and taking in its results, beside its evaluation. */
import {
  AGENT_NAMES,
  type Agent,
  type AgentName,
  createAgent,
  createEvaluator,
  type Evaluator,
  parseObjective,
} from '../host/index.js';
import { createScorer } from '../host/score.js';
import type { CompiledSpace } from '../psa/index.js';
import { median } from './statistics.js';

export interface AgentCost {
  readonly agent: AgentName;
  readonly population: number;
  /** Asking and telling, per generation. */
  readonly agentMs: number;
  /** Evaluating and scoring the same generation on one thread, and on all. */
  readonly evaluationMs: readonly { readonly threads: number; readonly ms: number; readonly sharePercent: number }[];
}

/** Bayesian optimisation thinks about each design for longer than an evaluation takes: that is what it is for. */
const MEASURED = AGENT_NAMES.filter((name) => name !== 'bo');

const POPULATION = 65_536;

/** The first generations are random and compile code. */
const WARM_UP = 3;
const GENERATIONS = 5;

interface Times {
  readonly agent: number;
  readonly evaluation: number;
  readonly digits: Uint32Array;
}

/** Evaluates designs as a search does. */
type Evaluate = (
  digits: Uint32Array,
) => Promise<{ readonly objectives: Float64Array; readonly violations: Float64Array }>;

function evaluateWith(evaluator: Evaluator, agent: AgentName): Evaluate {
  const objectives = (agent === 'nsga2' ? ['time', 'cost'] : ['time*cost']).map(parseObjective);
  const score = createScorer(evaluator.space, objectives, []);
  return async (digits) => score(digits, await evaluator.evaluate({ kind: 'digits', digits, count: POPULATION }));
}

async function generation(agent: Agent, evaluate: Evaluate): Promise<Times> {
  const start = performance.now();
  const digits = agent.ask(POPULATION);
  const asked = performance.now();
  const results = await evaluate(digits);
  const evaluated = performance.now();
  agent.tell({ digits, ...results });
  return { agent: asked - start + performance.now() - evaluated, evaluation: evaluated - asked, digits };
}

async function measureAgent(name: AgentName, single: Evaluator, all: Evaluator, threads: number): Promise<AgentCost> {
  const agent = createAgent(name, all.space.genes, 1, { population: POPULATION, evaluations: 1000 * POPULATION });
  const evaluate = evaluateWith(all, name);
  const times: Times[] = [];
  for (let i = 0; i < WARM_UP + GENERATIONS; i++) times.push(await generation(agent, evaluate));
  const measured = times.slice(WARM_UP);
  const agentMs = median(measured.map((time) => time.agent));
  const start = performance.now();
  await evaluateWith(single, name)(measured.at(-1)!.digits);
  const costs = [
    { threads: 1, ms: performance.now() - start },
    ...(threads > 1 ? [{ threads, ms: median(measured.map((time) => time.evaluation)) }] : []),
  ];
  return {
    agent: name,
    population: POPULATION,
    agentMs,
    evaluationMs: costs.map((cost) => ({ ...cost, sharePercent: (100 * agentMs) / (agentMs + cost.ms) })),
  };
}

/** Every agent but Bayesian optimisation, on one space. */
export async function measureAgents(space: CompiledSpace, threads: number): Promise<AgentCost[]> {
  const single = await createEvaluator(space, { backend: 'cpu', threads: 1 });
  const all = await createEvaluator(space, { backend: 'cpu', threads });
  try {
    const costs: AgentCost[] = [];
    for (const name of MEASURED) costs.push(await measureAgent(name, single, all, threads));
    return costs;
  } finally {
    await single.close();
    await all.close();
  }
}
