import { CosmicError } from '../psa/errors.js';
import type { Agent, AgentGene, AgentName, AgentOptions } from './agent.js';
import { ANT_PARAMETERS, AntAgent } from './algorithms/aco.js';
import { BAYES_PARAMETERS, BayesAgent } from './algorithms/bo/bo.js';
import { CMA_PARAMETERS, CmaAgent } from './algorithms/cmaes/cmaes.js';
import { DIFFERENTIAL_PARAMETERS, DifferentialAgent } from './algorithms/de/de.js';
import { EVOLUTION_PARAMETERS, EvolutionAgent } from './algorithms/evolution.js';
import { GENETIC_PARAMETERS, GeneticAgent } from './algorithms/ga.js';
import { ISLAND_GENETIC_PARAMETERS, IslandGeneticAgent } from './algorithms/islandGa/islandGa.js';
import { LOCAL_PARAMETERS, LocalAgent } from './algorithms/local.js';
import { FRONT_PARAMETERS, FrontAgent } from './algorithms/nsga2/nsga2.js';
import { Portfolio } from './algorithms/portfolio.js';
import { RandomAgent } from './algorithms/random.js';
import { Islands } from './islands.js';
import { allows, type ParameterDeclarations, rangeText } from './shared/parameters.js';
import { RandomStream } from './shared/stream.js';

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

/** The parameters of each agent. */
export const AGENT_PARAMETERS: Readonly<Record<AgentName, ParameterDeclarations>> = {
  random: {},
  ga: GENETIC_PARAMETERS,
  evolution: EVOLUTION_PARAMETERS,
  local: LOCAL_PARAMETERS,
  cmaes: CMA_PARAMETERS,
  de: DIFFERENTIAL_PARAMETERS,
  aco: ANT_PARAMETERS,
  bo: BAYES_PARAMETERS,
  nsga2: FRONT_PARAMETERS,
  'island-ga': ISLAND_GENETIC_PARAMETERS,
  portfolio: {},
};

/** @throws CosmicError ARGUMENT */
function checkPopulation(population: number | undefined): void {
  if (population === undefined || (Number.isInteger(population) && population >= 1)) return;
  throw new CosmicError('ARGUMENT', `a population of ${population} is none`, { remedy: 'use a whole number from 1' });
}

/**
 * Can the agent have these parameters?
 *
 * @throws CosmicError ARGUMENT where it has none of a name, or where a value is outside its range
 */
export function checkParameters(name: AgentName, parameters: Readonly<Record<string, number>>): void {
  const declarations = AGENT_PARAMETERS[name];
  const known = Object.keys(declarations);
  for (const [parameter, value] of Object.entries(parameters)) {
    const declaration = Object.hasOwn(declarations, parameter) ? declarations[parameter] : undefined;
    if (declaration === undefined) {
      throw new CosmicError('ARGUMENT', `the agent ${name} has no parameter '${parameter}'`, {
        remedy: known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`,
      });
    }
    if (allows(declaration, value)) continue;
    throw new CosmicError('ARGUMENT', `the agent ${name} cannot have ${parameter} = ${value}`, {
      remedy: `give ${rangeText(declaration)}`,
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
  checkPopulation(options.population);
  checkParameters(name, options.parameters ?? {});
  return MAKERS[name](genes, seed, options);
}

/**
 * Several agents of one kind that share each batch, and now and then send each other a good design; the first has the seed
 * itself, so that one island is the agent alone. The agent `island-ga` has the islands in itself.
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
  { evaluations, migration, ...options }: AgentOptions,
): Agent {
  const own = { ...options, ...(evaluations === undefined ? {} : { evaluations: evaluations / islands }) };
  const agents = Array.from({ length: islands }, (_, i) =>
    createAgent(name, genes, i === 0 ? seed : derivedSeed(seed, i), own),
  );
  return islands === 1 ? agents[0]! : new Islands(agents, migration);
}

/** Do islands of this agent send each other designs? */
export function migrates(name: AgentName): boolean {
  return createAgent(name, [], 0).immigrate !== undefined;
}

/** A seed for the i-th of several agents that start from one seed. */
function derivedSeed(seed: number, i: number): number {
  return new RandomStream(seed, SEEDS + i).word();
}
