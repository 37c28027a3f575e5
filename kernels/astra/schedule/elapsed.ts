/** What has passed on a stage, ns: all time, and of it what its slots did. */
import { SLOTS } from './nodes.js';
import { GROUPS, type Stage } from './stage.js';

export class Elapsed {
  ns = 0;
  private computeNs = 0;
  private updateNs = 0;
  private idleNs = 0;
  private readonly exposedNs = new Float64Array(GROUPS);

  /** Since the run began. */
  read(stage: Stage): void {
    this.ns = stage.nowNs;
    this.computeNs = stage.computeNs;
    this.updateNs = stage.updateNs;
    this.idleNs = stage.idleNs;
    for (let group = 0; group < GROUPS; group++) this.exposedNs[group] = stage.exposedNs[group]!;
  }

  /** Since an earlier time of the run. */
  readSince(stage: Stage, before: Elapsed): void {
    this.ns = stage.nowNs - before.ns;
    this.computeNs = stage.computeNs - before.computeNs;
    this.updateNs = stage.updateNs - before.updateNs;
    this.idleNs = stage.idleNs - before.idleNs;
    for (let group = 0; group < GROUPS; group++) {
      this.exposedNs[group] = stage.exposedNs[group]! - before.exposedNs[group]!;
    }
  }

  /** The same passes on a stage so many times. */
  pass(stage: Stage, count: number): void {
    const passedNs = count * this.ns;
    for (let slot = 0; slot < SLOTS; slot++) {
      stage.startNs[slot]! += passedNs;
      stage.endNs[slot]! += passedNs;
    }
    stage.nowNs += passedNs;
    stage.sinceNs += passedNs;
    stage.computeNs += count * this.computeNs;
    stage.updateNs += count * this.updateNs;
    stage.idleNs += count * this.idleNs;
    for (let group = 0; group < GROUPS; group++) stage.exposedNs[group]! += count * this.exposedNs[group]!;
  }
}
