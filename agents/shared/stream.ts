import { threefry2x32 } from '../../kernels/random/threefry.js';

/** Sets agents' streams apart from the samples of a sweep, which use small words here. */
const AGENT_STREAM = 0x61676e74;

/** Where seeds are drawn: a place that no search comes to. */
const SEEDS = 2 ** 40;

/** Words that are drawn at once; a power of two. */
const BUFFERED = 512;

/**
 * A stream of random numbers from a counter-based generator (Threefry-2x32; Salmon et al., "Parallel random numbers: as
 * easy as 1, 2, 3", SC 2011): its whole state is how many numbers were drawn.
 */
export class RandomStream {
  private readonly buffer = new Uint32Array(BUFFERED);
  private readonly pairs = new Uint32Array(BUFFERED);
  /** Place of the first word of the buffer in the stream; a multiple of its size. */
  private begin = -1;
  /** The next word in the buffer. */
  private next = BUFFERED;

  /**
   * @param seed whole number, 0 … 2^32 − 1
   * @param drawn numbers that were drawn already
   */
  constructor(
    private readonly seed: number,
    drawn = 0,
  ) {
    this.drawn = drawn;
  }

  get drawn(): number {
    return this.begin + this.next;
  }

  set drawn(drawn: number) {
    this.next = drawn % BUFFERED;
    this.fill(drawn - this.next);
  }

  /** 32 random bits. */
  word(): number {
    if (this.next === BUFFERED) this.refill();
    return this.buffer[this.next++]!;
  }

  /** Fills an array with the next words: quicker than one by one. */
  words(out: Uint32Array): void {
    for (let from = 0; from < out.length; ) {
      if (this.next === BUFFERED) this.refill();
      const count = Math.min(out.length - from, BUFFERED - this.next);
      out.set(this.buffer.subarray(this.next, this.next + count), from);
      this.next += count;
      from += count;
    }
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.word() * 2 ** -32;
  }

  /** A standard normal number (Box & Muller 1958); two words each, so that the stream's place is all its state. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log((this.word() + 1) * 2 ** -32));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Fills an array with standard normal numbers, two from two words. */
  normals(out: Float64Array): void {
    for (let from = 0; from < out.length; from += BUFFERED) {
      const words = this.pairs.subarray(0, 2 * Math.ceil(Math.min(BUFFERED, out.length - from) / 2));
      this.words(words);
      for (let i = 0; i < words.length; i += 2) {
        const radius = Math.sqrt(-2 * Math.log((words[i]! + 1) * 2 ** -32));
        const angle = 2 * Math.PI * (words[i + 1]! * 2 ** -32);
        out[from + i] = radius * Math.cos(angle);
        // An odd array takes one of the last two.
        if (from + i + 1 < out.length) out[from + i + 1] = radius * Math.sin(angle);
      }
    }
  }

  /** A whole number in [0, n), n ≤ 2^31; its bias is below n / 2^32. */
  below(n: number): number {
    return (this.uniform() * n) | 0;
  }

  private refill(): void {
    this.next = 0;
    this.fill(this.begin + BUFFERED);
  }

  private fill(begin: number): void {
    if (begin === this.begin) return;
    this.begin = begin;
    const low = begin / 2;
    const high = Math.floor(low / 2 ** 32);
    for (let at = 0; at < BUFFERED; at += 2) threefry2x32(this.seed, AGENT_STREAM, low + at / 2, high, this.buffer, at);
  }
}

/** A seed for the i-th of several agents that start from one seed. */
export function derivedSeed(seed: number, i: number): number {
  return new RandomStream(seed, SEEDS + i).word();
}
