import type { Agent, AgentGene, AgentName } from './agent.js';
import { GeneticAgent, type GeneticParameters } from './ga.js';
import { RandomAgent } from './random.js';

/**
 * An agent by its name.
 *
 * @param seed whole number, 0 … 2^32 − 1; the same seed gives the same search
 */
export function createAgent(
  name: AgentName,
  genes: readonly AgentGene[],
  seed: number,
  parameters: Partial<GeneticParameters> = {},
): Agent {
  return name === 'ga' ? new GeneticAgent(genes, seed, parameters) : new RandomAgent(genes, seed);
}
