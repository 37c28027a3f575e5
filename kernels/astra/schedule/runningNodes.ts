/** Running nodes by the time at which they end; those that end together in the order in which they began. */
export class RunningNodes {
  count = 0;
  /** The one that ends first is the last. */
  private readonly endNs: Float64Array;
  private readonly nodes: Int32Array;
  /** End of the last node that was taken. */
  nowNs = 0;

  constructor(most: number) {
    this.endNs = new Float64Array(most);
    this.nodes = new Int32Array(most);
  }

  clear(): void {
    this.count = 0;
    this.nowNs = 0;
  }

  /** Few run at a time, and what begins last tends to end last: an insertion moves less than a heap compares. */
  add(endNs: number, node: number): void {
    let place = this.count++;
    let other = 0;
    while (other < place && this.endNs[other]! > endNs) other++;
    for (; place > other; place--) {
      this.endNs[place] = this.endNs[place - 1]!;
      this.nodes[place] = this.nodes[place - 1]!;
    }
    this.endNs[other] = endNs;
    this.nodes[other] = node;
  }

  take(): number {
    const place = --this.count;
    this.nowNs = this.endNs[place]!;
    return this.nodes[place]!;
  }
}
