import type { Breeding } from '../kernels/evolution/breeding.js';
import type { Gene } from '../psa/space.js';
import type { ParameterDeclarations } from './shared/parameters.js';

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
  /** Designs that it would like to be asked for next; fewer or more are allowed, but suit it less. */
  readonly batchSize: number;
  /** `n` rows of digits; each digit is below its gene's size. */
  ask(n: number): Uint32Array;
  /** The results of the last `ask`, all of them. */
  tell(batch: Evaluated): void;
  /** A copy, as plain data. */
  readonly state: PlainData;
  /** @throws CosmicError RUN_MISMATCH where an agent of this kind, over these genes, does not save such a state */
  restore(state: PlainData): void;
  /** A good design of its own, as a batch of one; undefined before it has one. Agents that keep no designs cannot send any. */
  emigrant?(): Evaluated | undefined;
  /** Takes in a design from elsewhere, as a batch of one: where it keeps many, in place of the worst. After `tell`, before `ask`. */
  immigrate?(newcomer: Evaluated): void;
}

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

/** A kind of agent, as one value: all that anyone else needs to know of it. */
export interface AgentDefinition {
  /**
   * @param seed whole number, 0 … 2^32 − 1; the same seed gives the same search
   * @param options with a population and parameters that it may have
   */
  readonly make: (genes: readonly AgentGene[], seed: number, options: AgentOptions) => Agent;
  readonly parameters: ParameterDeclarations;
  /** Which objectives it looks at. */
  readonly objectives: 'first' | 'all';
  /**
   * What islands of it are: agents side by side that keep no designs which they could send each other, or that do; or it has
   * them in itself.
   */
  readonly islands: 'apart' | 'exchanging' | 'inside';
  /** Evaluations that it suits at most, where it thinks the longer, the more designs it knows. */
  readonly largestBudget?: number;
  /** How it breeds, where its designs can stay on the device that evaluates them. */
  readonly resident?: (genes: readonly AgentGene[], seed: number, options: AgentOptions) => Breeding;
}
