import type { AgentGene } from '../agent.js';
import { RandomStream } from './stream.js';

/** What most agents begin with: one stream of random numbers to draw from, and a population to ask for at a time. */
export class StreamAgent<P extends { readonly population: number }> {
  protected readonly stream: RandomStream;

  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(
    protected readonly genes: readonly AgentGene[],
    seed: number,
    protected readonly parameters: P,
  ) {
    this.stream = new RandomStream(seed);
  }

  get batchSize(): number {
    return this.parameters.population;
  }
}
