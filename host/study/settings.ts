import type { AgentName } from '../../agents/agent.js';

/** What is tried of each agent's parameters, one at a time, beside the defaults. */
export const SETTINGS: Readonly<Partial<Record<AgentName, Readonly<Record<string, readonly number[]>>>>> = {
  ga: {
    population: [32, 64, 1024],
    mutations: [0.5, 2],
    tournament: [2, 6],
    crossover: [0.5],
    elite: [0, 0.5],
    immigrants: [0, 0.2],
  },
  evolution: { population: [16, 256], parents: [0.1, 0.5], learningRate: [0.1, 0.5] },
  local: { population: [8, 128], kick: [2, 6], fresh: [0, 0.5] },
  cmaes: { population: [8, 50, 200], deviation: [0.1, 0.4], patience: [5, 100] },
  de: { population: [50, 1000], best: [0.05, 0.3], memory: [2, 20] },
  aco: { population: [8, 128], evaporation: [0.02, 0.3], greediness: [0.25, 0.5], convergence: [0.005, 0.3] },
};

/** Bayesian optimisation thinks long about each design: it is for budgets up to this. */
const LARGEST_BUDGET: Readonly<Partial<Record<AgentName, number>>> = { bo: 1000 };

/** Does the agent suit a budget? */
export function suits(agent: AgentName, budget: number): boolean {
  return budget <= (LARGEST_BUDGET[agent] ?? Number.POSITIVE_INFINITY);
}
