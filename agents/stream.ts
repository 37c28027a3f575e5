import { threefry2x32 } from '../kernels/random/threefry.js';

/** Sets agents' streams apart from the samples of a sweep, which use small words here. */
const AGENT_STREAM = 0x61676e74;

/**
 * A stream of random numbers from a counter-based generator (Threefry-2x32; Salmon et al., "Parallel random numbers: as
 * easy as 1, 2, 3", SC 2011): its whole state is how many numbers were drawn.
 */
export class RandomStream {
  private readonly block = new Uint32Array(2);
  private blockIndex = -1;

  /**
   * @param seed whole number, 0 … 2^32 − 1
   * @param drawn numbers that were drawn already
   */
  constructor(
    private readonly seed: number,
    public drawn = 0,
  ) {}

  /** 32 random bits. */
  word(): number {
    const place = this.drawn++;
    const index = Math.floor(place / 2);
    if (index !== this.blockIndex) {
      threefry2x32(this.seed, AGENT_STREAM, index >>> 0, Math.floor(index / 2 ** 32), this.block);
      this.blockIndex = index;
    }
    return this.block[place % 2]!;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.word() / 2 ** 32;
  }

  /** A standard normal number (Box & Muller 1958); two words each, so that the stream's place is all its state. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log((this.word() + 1) / 2 ** 32));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A whole number in [0, n); its bias is below n / 2^32. */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }
}
