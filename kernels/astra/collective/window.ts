/**
 * ASTRA-sim's direct algorithm: every NPU sends to all others in turn, a window of messages in flight. All NPUs do the same,
 * so one is followed: what it sends to the one k further, it receives from the one k before, at the same time.
 */

import { COLLECTIVE } from '../../workload/operation.js';
import { PriorityQueue } from '../schedule/priorityQueue.js';
import { type Lane, laneMessageNs } from './lane.js';
import { reductionNs } from './message.js';

const EVENT = { injected: 0, received: 1 } as const;

class Exchange {
  private readonly queue = new PriorityQueue();
  private readonly messageBytes: number;
  private readonly reduces: boolean;
  private readonly toReduce: number;
  /** Distances of the messages that are injected and not sent. */
  private readonly waiting: number[] = [];
  private readonly peers: number;
  private toSend: number;
  private received = 0;
  private inserted = 0;
  private free = 0;
  /** Messages of the present half turn that are injected without and with a reduction, as the program counts them. */
  private plain = 0;
  private others = 0;
  private reducing = false;

  constructor(
    private readonly lane: Lane,
    private readonly kind: number,
    private readonly window: number,
    bytes: number,
  ) {
    this.peers = lane.npus - 1;
    this.messageBytes = kind === COLLECTIVE.allGather ? bytes : Math.floor(bytes / lane.npus);
    this.reduces = kind === COLLECTIVE.allReduce || kind === COLLECTIVE.reduceScatter;
    this.toReduce = reductionNs(lane.system, this.messageBytes);
    this.toSend = kind === COLLECTIVE.allReduce ? 2 * this.peers : this.peers;
  }

  /** Runs to the end and tells when that is, ns. */
  run(): number {
    for (let i = 0; i < this.window; i++) this.insert();
    while (this.queue.size > 0) {
      if (this.queue.take() === EVENT.received) {
        this.received++;
        this.insert();
      } else if (this.injected()) return this.queue.key;
    }
    return this.queue.key;
  }

  private insert(): void {
    if (this.plain === 0 && this.others === 0) {
      this.plain = this.window;
      this.others = this.lane.group ? this.peers * this.window : this.window;
      this.reducing = this.kind === COLLECTIVE.reduceScatter || !this.reducing;
    }
    let delayNs = this.lane.endpointNs;
    if (this.plain > 0) this.plain--;
    else {
      this.others--;
      if (this.reduces && this.reducing) delayNs += this.toReduce;
    }
    this.waiting.push(1 + (this.inserted++ % this.peers));
    this.queue.add(this.queue.key + delayNs, EVENT.injected);
  }

  /** A message is ready to leave; true at the end. The second round of an all-reduce begins when all of the first is in. */
  private injected(): boolean {
    this.free++;
    if (this.kind === COLLECTIVE.allReduce && this.toSend <= this.peers) {
      if (this.received < this.peers) return false;
      for (let i = 0; i < this.window; i++) this.send();
    } else this.send();
    return this.toSend === 0 && this.free === this.window;
  }

  private send(): void {
    if (this.waiting.length === 0 || this.toSend === 0 || this.free === 0) return;
    const arrivalNs = this.queue.key + laneMessageNs(this.lane, this.waiting.shift()!, this.messageBytes);
    this.queue.add(arrivalNs, EVENT.received);
    this.toSend--;
    this.free--;
  }
}

/** Time of a direct exchange with at most `window` messages in flight, ns. */
export function windowedNs(lane: Lane, kind: number, window: number, bytes: number): number {
  return new Exchange(lane, kind, window, bytes).run();
}
