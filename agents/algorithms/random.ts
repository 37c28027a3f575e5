import { z } from 'zod';
import type { Agent, AgentDefinition, AgentGene, AgentOptions, PlainData } from '../agent.js';
import { randomDigits } from '../shared/randomDigits.js';
import { count, readState } from '../shared/savedState.js';
import { StreamAgent } from '../shared/streamAgent.js';

/** Designs of a batch, unless told. */
const BATCH = 1024;

const savedState = z.strictObject({ drawn: count });

/** Uniform random designs, each independent of the results: the baseline for all other agents. */
export class RandomAgent extends StreamAgent<{ readonly population: number }> implements Agent {
  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(genes: readonly AgentGene[], seed: number, { population = BATCH }: AgentOptions = {}) {
    super(genes, seed, { population });
  }

  ask(n: number): Uint32Array {
    return randomDigits(this.genes, n, this.stream);
  }

  tell(): void {}

  get state(): PlainData {
    return { drawn: this.stream.drawn };
  }

  restore(plain: PlainData): void {
    this.stream.drawn = readState(savedState, plain).drawn;
  }
}

export const RANDOM: AgentDefinition = {
  make: (...setUp) => new RandomAgent(...setUp),
  parameters: {},
  objectives: 'first',
  islands: 'apart',
};
