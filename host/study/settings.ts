import type { AgentName } from '../../agents/agent.js';

/** Bayesian optimisation thinks long about each design: it is for budgets up to this. */
const LARGEST_BUDGET: Readonly<Partial<Record<AgentName, number>>> = { bo: 10_000 };

/** Does the agent suit a budget? */
export function suits(agent: AgentName, budget: number): boolean {
  return budget <= (LARGEST_BUDGET[agent] ?? Number.POSITIVE_INFINITY);
}
