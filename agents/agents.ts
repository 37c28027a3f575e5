import type { AgentDefinition } from './agent.js';
import { ANT } from './algorithms/aco.js';
import { BAYES } from './algorithms/bo/bo.js';
import { CMA } from './algorithms/cmaes/cmaes.js';
import { DIFFERENTIAL } from './algorithms/de/de.js';
import { EVOLUTION } from './algorithms/evolution.js';
import { GENETIC } from './algorithms/ga.js';
import { ISLAND_GENETIC } from './algorithms/islandGa/islandGa.js';
import { LOCAL } from './algorithms/local.js';
import { FRONT } from './algorithms/nsga2/nsga2.js';
import { PORTFOLIO } from './algorithms/portfolio.js';
import { RANDOM } from './algorithms/random.js';

const DEFINITIONS = {
  random: RANDOM,
  ga: GENETIC,
  evolution: EVOLUTION,
  local: LOCAL,
  cmaes: CMA,
  de: DIFFERENTIAL,
  aco: ANT,
  bo: BAYES,
  nsga2: FRONT,
  'island-ga': ISLAND_GENETIC,
  portfolio: PORTFOLIO,
} as const satisfies Readonly<Record<string, AgentDefinition>>;

export type AgentName = keyof typeof DEFINITIONS;

/** All agents by their names. */
export const AGENTS: Readonly<Record<AgentName, AgentDefinition>> = DEFINITIONS;

export const AGENT_NAMES = Object.keys(DEFINITIONS) as readonly AgentName[];
