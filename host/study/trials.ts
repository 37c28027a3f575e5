/** Single searches of a study: an agent, a budget, a seed, and how it came to what it found. */
import type { AgentGene } from '../../agents/agent.js';
import type { AgentName } from '../../agents/agents.js';
import { createAgent } from '../../agents/createAgent.js';
import type { Score } from './scores.js';

/** What is repeated with many seeds. */
export interface Trial {
  readonly agent: AgentName;
  readonly budget: number;
  /** The agent's parameters, where they are not its defaults. */
  readonly parameters?: Readonly<Record<string, number>> | undefined;
}

export interface SeededTrial extends Trial {
  readonly seed: number;
}

/** Each improvement: evaluations done, objective reached. */
export type History = readonly (readonly [evaluations: number, objective: number])[];

/** Smaller regrets are rounding: f32 backends tell designs apart to about this. */
const NOTHING = 1e-6;

/** How much worse a value is than the optimum, relative to it. */
export function relativeRegret(value: number, optimum: number): number {
  const regret = value / optimum - 1;
  return regret <= NOTHING ? 0 : regret;
}

/** Searches until the budget is spent or the optimum is found. */
export function runTrial(
  genes: readonly AgentGene[],
  score: Score,
  optimum: number,
  { agent: name, budget, parameters = {}, seed }: SeededTrial,
): History {
  const agent = createAgent(name, genes, seed, { evaluations: budget, parameters });
  const history: (readonly [number, number])[] = [];
  let best = Number.POSITIVE_INFINITY;
  for (let done = 0; done < budget && !(relativeRegret(best, optimum) === 0); ) {
    const count = Math.min(agent.batchSize, budget - done);
    const batch = score(agent.ask(count), count);
    agent.tell(batch);
    for (let i = 0; i < count; i++) {
      done++;
      if (batch.violations[i] !== 0 || batch.objectives[i]! >= best) continue;
      best = batch.objectives[i]!;
      history.push([done, best]);
    }
  }
  return history;
}
