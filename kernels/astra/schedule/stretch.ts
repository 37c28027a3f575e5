/**
 * Nodes of the layers that a graph leaves out and that are left for later: gathers of weights, sums of gradients, updates. They
 * take as long as those that are there, so they run behind the last of these, as one with it. When something else becomes ready
 * for the slot meanwhile, those that have not begun are put off behind it.
 */

/** What a row's nodes may stand for. */
export const STRETCH = { none: 0, gathers: 1, sums: 2, updates: 3 } as const;

export class Stretch {
  /** Nodes that have yet to run behind the last one that is there. */
  toCome = 0;
  /** While they run: how many of these, and the one that is there, are put off. */
  putOff = 0;

  begin(toCome: number): void {
    this.toCome = toCome;
    this.putOff = 0;
  }

  /**
   * Ends at a multiple of a node's time, for something else is ready.
   *
   * @returns when the node that runs began, ns; undefined where nothing is left to be put off
   */
  cut(startNs: number, nowNs: number, eachNs: number): number | undefined {
    const begun = Math.max(1, Math.ceil((nowNs - startNs) / eachNs));
    const left = 1 + this.toCome - begun;
    if (left <= 0) return undefined;
    this.putOff = left;
    return startNs + (begun - 1) * eachNs;
  }

  /** Ends; tells how many of the nodes that are left out have run. */
  end(): number {
    const left = Math.max(0, this.putOff - 1);
    const ran = this.toCome - left;
    this.begin(left);
    return ran;
  }
}
