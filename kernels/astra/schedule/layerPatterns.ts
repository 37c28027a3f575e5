/** What the nodes of a layer are, wherever that layer is: what they wait for, which are ready, run, or have ended. */
import { READY, type Waits } from './nodes.js';

export class LayerPattern {
  readonly readies: number;

  /** @param number tells patterns of one {@link LayerPatterns} apart; −1 for one of none */
  constructor(
    readonly waits: Waits,
    readonly number = -1,
  ) {
    let readies = 0;
    for (const wait of waits) if (wait === READY) readies++;
    this.readies = readies;
  }

  equals(other: LayerPattern): boolean {
    if (this === other) return true;
    const { waits } = other;
    if (this.waits.length !== waits.length) return false;
    for (let place = 0; place < waits.length; place++) if (this.waits[place] !== waits[place]) return false;
    return true;
  }
}

/** Patterns that were met, by their numbers: those that are the same are one. */
export class LayerPatterns {
  readonly all: LayerPattern[] = [];
  private readonly known = new Map<string, LayerPattern>();

  of(waits: Waits): LayerPattern {
    const key = waits.join();
    let pattern = this.known.get(key);
    if (pattern === undefined) {
      pattern = new LayerPattern(waits.slice(), this.all.length);
      this.all.push(pattern);
      this.known.set(key, pattern);
    }
    return pattern;
  }
}
