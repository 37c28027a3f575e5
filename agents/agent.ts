import type { Gene } from '../psa/space.js';

/** What an agent knows of a gene: how many values it has and whether they have an order. It never sees names. */
export type AgentGene = Pick<Gene, 'size' | 'scale'>;

/** Anything that `JSON.stringify` and `JSON.parse` give back unchanged. */
export type PlainData = string | number | boolean | null | readonly PlainData[] | { readonly [key: string]: PlainData };

/** Evaluated designs, in the order in which they were asked for. */
export interface Evaluated {
  /** One row of digits per design, one digit per gene. */
  readonly digits: Uint32Array;
  /** Smaller is better; ignored where `status` is not 0. */
  readonly objectives: Float64Array;
  /** 0 for a feasible design, else one bit per violated condition. */
  readonly status: Uint32Array;
}

/**
 * A search algorithm: `ask` for designs, evaluate them anywhere, `tell` it the results, repeat. All that it knows is in
 * `state`, so an agent restored from a saved state goes on exactly as the one that saved it.
 *
 * @example
 * const agent = createAgent('ga', space.genes, 0, { population: 64 });
 * for (let generation = 0; generation < 100; generation++) {
 *   const digits = agent.ask(64);
 *   agent.tell({ digits, ...evaluateSomehow(digits) });
 * }
 */
export interface Agent {
  readonly name: AgentName;
  /** `n` rows of digits; each digit is below its gene's size. */
  ask(n: number): Uint32Array;
  tell(batch: Evaluated): void;
  /** A copy, as plain data. */
  readonly state: PlainData;
  restore(state: PlainData): void;
}

export const AGENT_NAMES = ['random', 'ga'] as const;
export type AgentName = (typeof AGENT_NAMES)[number];
