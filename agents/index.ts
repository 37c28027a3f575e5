import { CosmicError } from '../psa/errors.js';
import { ANT_DEFAULTS, AntAgent } from './aco.js';
import type { Agent, AgentGene, AgentName, AgentOptions } from './agent.js';
import { BAYES_DEFAULTS, BayesAgent } from './bayes.js';
import { CMA_DEFAULTS, CmaAgent } from './cmaes.js';
import { DIFFERENTIAL_DEFAULTS, DifferentialAgent } from './de.js';
import { EVOLUTION_DEFAULTS, EvolutionAgent } from './evolution.js';
import { GENETIC_DEFAULTS, GeneticAgent } from './ga.js';
import { ISLAND_GENETIC_DEFAULTS, IslandGeneticAgent } from './islandGa.js';
import { Islands } from './islands.js';
import { LOCAL_DEFAULTS, LocalAgent } from './local.js';
import { FRONT_DEFAULTS, FrontAgent } from './nsga2.js';
import { Portfolio } from './portfolio.js';
import { RandomAgent } from './random.js';
import { RandomStream } from './stream.js';

type Maker = (genes: readonly AgentGene[], seed: number, options: AgentOptions) => Agent;

/** Algorithms of the portfolio: as unlike as there are. */
const PORTFOLIO = ['ga', 'local', 'cmaes'] as const satisfies readonly AgentName[];

/** Where seeds are drawn: a place that no search comes to. */
const SEEDS = 2 ** 40;

const MAKERS: Readonly<Record<AgentName, Maker>> = {
  random: (...args) => new RandomAgent(...args),
  ga: (...args) => new GeneticAgent(...args),
  evolution: (...args) => new EvolutionAgent(...args),
  local: (...args) => new LocalAgent(...args),
  cmaes: (...args) => new CmaAgent(...args),
  de: (...args) => new DifferentialAgent(...args),
  aco: (...args) => new AntAgent(...args),
  bo: (...args) => new BayesAgent(...args),
  nsga2: (...args) => new FrontAgent(...args),
  'island-ga': (...args) => new IslandGeneticAgent(...args),
  portfolio: (genes, seed, { population, evaluations }) => {
    const shared = {
      ...(population === undefined ? {} : { population }),
      ...(evaluations === undefined ? {} : { evaluations: evaluations / PORTFOLIO.length }),
    };
    return new Portfolio(PORTFOLIO.map((name, i) => createAgent(name, genes, derivedSeed(seed, i), shared)));
  },
};

/** The parameters of each agent, with their defaults. */
export const AGENT_DEFAULTS: Readonly<Record<AgentName, Readonly<Record<string, number>>>> = {
  random: {},
  ga: { ...GENETIC_DEFAULTS },
  evolution: { ...EVOLUTION_DEFAULTS },
  local: { ...LOCAL_DEFAULTS },
  cmaes: { ...CMA_DEFAULTS },
  de: { ...DIFFERENTIAL_DEFAULTS },
  aco: { ...ANT_DEFAULTS },
  bo: { ...BAYES_DEFAULTS },
  nsga2: { ...FRONT_DEFAULTS },
  'island-ga': { ...ISLAND_GENETIC_DEFAULTS },
  portfolio: {},
};

/** @throws CosmicError ARGUMENT */
function checkOptions(name: AgentName, { population, parameters = {} }: AgentOptions): void {
  if (population !== undefined && !(Number.isInteger(population) && population >= 1)) {
    throw new CosmicError('ARGUMENT', `a population of ${population} is none`, { remedy: 'use a whole number from 1' });
  }
  const known = Object.keys(AGENT_DEFAULTS[name]);
  for (const [parameter, value] of Object.entries(parameters)) {
    if (known.includes(parameter) && Number.isFinite(value) && value >= 0) continue;
    throw new CosmicError('ARGUMENT', `the agent ${name} cannot have ${parameter} = ${value}`, {
      remedy: known.length === 0 ? 'it has no parameters' : `use numbers from 0 for ${known.join(', ')}`,
    });
  }
}

/**
 * An agent by its name.
 *
 * @param seed whole number, 0 … 2^32 − 1; the same seed gives the same search
 * @throws CosmicError ARGUMENT
 */
export function createAgent(
  name: AgentName,
  genes: readonly AgentGene[],
  seed: number,
  options: AgentOptions = {},
): Agent {
  checkOptions(name, options);
  return MAKERS[name](genes, seed, options);
}

/**
 * Several independent agents of one kind that share each batch; the first has the seed itself, so that one island is the
 * agent alone. The agent `island-ga` has the islands in itself.
 *
 * @param islands at least 1; by default one, or what suits `island-ga`
 */
export function createIslands(
  name: AgentName,
  genes: readonly AgentGene[],
  seed: number,
  islands: number | undefined,
  options: AgentOptions = {},
): Agent {
  if (name === 'island-ga') return createAgent(name, genes, seed, { ...options, ...(islands && { islands }) });
  return createSeparateIslands(name, genes, seed, islands ?? 1, options);
}

function createSeparateIslands(
  name: AgentName,
  genes: readonly AgentGene[],
  seed: number,
  islands: number,
  { evaluations, ...options }: AgentOptions,
): Agent {
  const own = { ...options, ...(evaluations === undefined ? {} : { evaluations: evaluations / islands }) };
  const agents = Array.from({ length: islands }, (_, i) =>
    createAgent(name, genes, i === 0 ? seed : derivedSeed(seed, i), own),
  );
  return islands === 1 ? agents[0]! : new Islands(agents);
}

/** A seed for the i-th of several agents that start from one seed. */
function derivedSeed(seed: number, i: number): number {
  return new RandomStream(seed, SEEDS + i).word();
}
