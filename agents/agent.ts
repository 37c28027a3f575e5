import type { Gene } from '../psa/space.js';

/**
 * What an agent knows of a gene: how many values it has, whether they have an order, and for tuples the numbers that each
 * value stands for (a row each), which tell what is near. It never sees names.
 */
export type AgentGene = Pick<Gene, 'size' | 'scale'> & Partial<Pick<Gene, 'table'>>;

/** Anything that `JSON.stringify` and `JSON.parse` give back unchanged. */
export type PlainData = string | number | boolean | null | readonly PlainData[] | { readonly [key: string]: PlainData };

/** Evaluated designs, in the order in which they were asked for. */
export interface Evaluated {
  /** One row of digits per design, one digit per gene. */
  readonly digits: Uint32Array;
  /** One row per design, one value per objective; smaller is better. Ignored where a design is infeasible. */
  readonly objectives: Float64Array;
  /** One number per design: 0 where it is feasible, else how far it is from that; smaller is nearer. */
  readonly violations: Float64Array;
}

/**
 * A search algorithm: `ask` for designs, evaluate them anywhere, `tell` it the results, repeat. All that it knows is in
 * `state`, so an agent restored from a saved state goes on exactly as the one that saved it.
 *
 * @example
 * const agent = createAgent('ga', space.genes, 0);
 * for (let generation = 0; generation < 100; generation++) {
 *   const digits = agent.ask(agent.batchSize);
 *   agent.tell({ digits, ...evaluateSomehow(digits) });
 * }
 */
export interface Agent {
  readonly name: AgentName;
  /** Designs that it would like to be asked for next; fewer or more are allowed, but suit it less. */
  readonly batchSize: number;
  /** `n` rows of digits; each digit is below its gene's size. */
  ask(n: number): Uint32Array;
  /** The results of the last `ask`, all of them. */
  tell(batch: Evaluated): void;
  /** A copy, as plain data. */
  readonly state: PlainData;
  restore(state: PlainData): void;
  /** A good design of its own, as a batch of one; undefined before it has one. Agents that keep no designs cannot send any. */
  emigrant?(): Evaluated | undefined;
  /** Takes in a design from elsewhere, as a batch of one: where it keeps many, in place of the worst. After `tell`, before `ask`. */
  immigrate?(newcomer: Evaluated): void;
}

export const AGENT_NAMES = [
  'random',
  'ga',
  'evolution',
  'local',
  'cmaes',
  'de',
  'aco',
  'bo',
  'nsga2',
  'island-ga',
  'portfolio',
] as const;
export type AgentName = (typeof AGENT_NAMES)[number];

/** How an agent is set up; it has defaults for all of it. */
export interface AgentOptions {
  /** Designs of a generation. */
  readonly population?: number;
  /** Islands, of agents that have some in themselves. */
  readonly islands?: number;
  /** Generations from one exchange of designs between islands to the next; 0 for none. */
  readonly migration?: number;
  /** Designs that the search will evaluate in all: some agents pace themselves. */
  readonly evaluations?: number;
  /** The agent's own parameters by their names, such as `{ mutations: 2 }`. */
  readonly parameters?: Readonly<Record<string, number>>;
}
