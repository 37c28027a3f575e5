import type { Agent, AgentGene, AgentOptions, PlainData } from '../agent.js';
import { RandomStream } from '../shared/stream.js';

/** Designs of a batch, unless told. */
const BATCH = 1024;

/** Uniform random designs, each independent of the results: the baseline for all other agents. */
export class RandomAgent implements Agent {
  readonly name = 'random';
  readonly batchSize: number;
  private readonly stream: RandomStream;

  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(
    private readonly genes: readonly AgentGene[],
    seed: number,
    { population = BATCH }: AgentOptions = {},
  ) {
    this.batchSize = population;
    this.stream = new RandomStream(seed);
  }

  ask(n: number): Uint32Array {
    return randomDigits(this.genes, n, this.stream);
  }

  tell(): void {}

  get state(): PlainData {
    return { drawn: this.stream.drawn };
  }

  restore(state: PlainData): void {
    this.stream.drawn = (state as { drawn: number }).drawn;
  }
}

/** `n` rows of uniform digits. */
export function randomDigits(genes: readonly AgentGene[], n: number, stream: RandomStream): Uint32Array {
  const digits = new Uint32Array(n * genes.length);
  const shares = Float64Array.from(genes, ({ size }) => size * 2 ** -32);
  stream.words(digits);
  for (let row = 0; row < digits.length; row += shares.length) {
    for (let g = 0; g < shares.length; g++) digits[row + g] = digits[row + g]! * shares[g]!;
  }
  return digits;
}
