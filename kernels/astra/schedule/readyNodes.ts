/** The ready nodes of a slot, of which the lowest number goes first: a bit for each node, and one for each word of those. */
import { lowestBit } from '../../bits.js';

export class ReadyNodes {
  count = 0;
  private bits = new Int32Array(0);
  private words = new Int32Array(0);
  /** No word of words before this one has a bit. */
  private first = 0;

  constructor(nodes: number) {
    this.resize(nodes);
  }

  /** Makes room for so many, none of which is ready. */
  resize(nodes: number): void {
    this.clear();
    const length = (nodes >>> 5) + 1;
    if (this.bits.length >= length) return;
    this.bits = new Int32Array(length);
    this.words = new Int32Array((length >>> 5) + 1);
  }

  add(node: number): void {
    this.bits[node >>> 5]! |= 1 << (node & 31);
    const top = node >>> 10;
    this.words[top]! |= 1 << ((node >>> 5) & 31);
    if (top < this.first) this.first = top;
    this.count++;
  }

  /** Takes one that is there. */
  remove(node: number): void {
    this.bits[node >>> 5]! &= ~(1 << (node & 31));
    if (this.bits[node >>> 5] === 0) this.words[node >>> 10]! &= ~(1 << ((node >>> 5) & 31));
    this.count--;
  }

  clear(): void {
    if (this.count === 0) return;
    this.bits.fill(0);
    this.words.fill(0);
    this.first = 0;
    this.count = 0;
  }

  /** The lowest number; there must be one. */
  lowest(): number {
    const word = this.lowestWord();
    return (word << 5) + lowestBit(this.bits[word]!);
  }

  /** Takes the lowest number; there must be one. */
  take(): number {
    const word = this.lowestWord();
    const top = word >>> 5;
    const node = (word << 5) + lowestBit(this.bits[word]!);
    // A word without its lowest bit.
    this.bits[word]! &= this.bits[word]! - 1;
    if (this.bits[word] === 0) this.words[top]! &= this.words[top]! - 1;
    this.count--;
    return node;
  }

  private lowestWord(): number {
    let top = this.first;
    while (this.words[top] === 0) top++;
    this.first = top;
    return (top << 5) + lowestBit(this.words[top]!);
  }
}
