import type { AgentGene } from '../agent.js';
import type { RandomStream } from './stream.js';

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
