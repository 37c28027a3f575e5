import { CosmicError } from '../psa/errors.js';
import type { Agent, AgentGene, AgentOptions } from './agent.js';
import { AGENTS, type AgentName } from './agents.js';
import { Islands } from './islands.js';
import { allows, rangeText } from './shared/parameters.js';
import { derivedSeed } from './shared/stream.js';

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
  const declarations = AGENTS[name].parameters;
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
  return AGENTS[name].make(genes, seed, options);
}

/**
 * Several agents of one kind that share each batch, and now and then send each other a good design; the first has the seed
 * itself, so that one island is the agent alone. Where an agent has islands in itself, it is one agent.
 *
 * @param islands at least 1; by default one, or what suits an agent that has them in itself
 * @throws CosmicError ARGUMENT
 */
export function createIslands(
  name: AgentName,
  genes: readonly AgentGene[],
  seed: number,
  islands: number | undefined,
  options: AgentOptions = {},
): Agent {
  if (AGENTS[name].islands === 'inside')
    return createAgent(name, genes, seed, { ...options, ...(islands && { islands }) });
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
