/**
 * Direct exchanges and halving-doubling in a group whose members are not alike, as where a ring does not close within it: each
 * member is followed message by message, from one chunk to the next.
 */

import { ALGORITHM } from '../../collective/phase.js';
import { COLLECTIVE } from '../../workload/operation.js';
import { PriorityQueue } from '../schedule/priorityQueue.js';
import { checkMessages } from './budget.js';
import type { Queues } from './chunks.js';
import { GROUP_ENDPOINT_NS, reductionNs, routeNs, type System } from './message.js';
import { halvingDoublingMessage, halvingDoublingSteps, windowOf } from './phase.js';

/** A collective that each member of a group is followed through. */
export interface Replay {
  readonly system: System;
  readonly members: readonly number[];
  readonly kind: number;
  readonly algorithm: number;
  /** Of a chunk. */
  readonly bytes: number;
  readonly chunks: number;
  /** Chunks that a queue serves at once. */
  readonly servers: number;
  readonly queues: Queues;
}

/** What all members do for a chunk: the messages that each sends one after another, and receives as many. */
interface Protocol {
  /** Messages in flight. */
  readonly window: number;
  /** Bytes of each message. */
  readonly bytes: readonly number[];
  /** Members from a sender to the receiver of a message. */
  readonly step: (member: number, message: number) => number;
  /** Time at the endpoint before a message, with the reduction of what it is made from. */
  readonly delayNs: (message: number) => number;
  /** Messages that are in before the second half begins; 0 where nothing waits for that. */
  readonly firstHalf: number;
}

function directProtocol({ system, members, kind, algorithm, bytes }: Replay): Protocol {
  const peers = members.length - 1;
  const messageBytes = kind === COLLECTIVE.allGather ? bytes : Math.floor(bytes / members.length);
  const window = windowOf(algorithm, members.length);
  const count = kind === COLLECTIVE.allReduce ? 2 * peers : peers;
  const reduces = kind === COLLECTIVE.allReduce || kind === COLLECTIVE.reduceScatter;
  const turn = window + peers * window;
  return {
    window,
    bytes: new Array<number>(count).fill(messageBytes),
    step: (_, message) => 1 + (message % peers),
    delayNs: (message) => {
      const reducing = kind === COLLECTIVE.reduceScatter || Math.floor(message / turn) % 2 === 0;
      const reduced = reduces && reducing && message % turn >= window;
      return GROUP_ENDPOINT_NS + (reduced ? reductionNs(system, messageBytes) : 0);
    },
    firstHalf: kind === COLLECTIVE.allReduce ? peers : 0,
  };
}

function halvingDoublingProtocol({ system, members, kind, bytes }: Replay): Protocol {
  const steps = halvingDoublingSteps(kind, members.length);
  const messages = Array.from({ length: steps }, (_, i) => halvingDoublingMessage(kind, members.length, bytes, i));
  return {
    window: 1,
    bytes: messages.map((message) => message.bytes),
    step: (member, message) => {
      const { distance } = messages[message]!;
      return Math.floor(member / distance) % 2 === 0 ? distance : -distance;
    },
    delayNs: (message) => GROUP_ENDPOINT_NS + reductionNs(system, messages[message]?.reducedBytes ?? 0),
    firstHalf: 0,
  };
}

/** What the members of a group do. */
export function protocolOf(replay: Replay): Protocol {
  return replay.algorithm === ALGORITHM.halvingDoubling ? halvingDoublingProtocol(replay) : directProtocol(replay);
}

const EVENT = { injected: 0, arrived: 1, received: 2 } as const;
const EVENTS = 3;

/** Of a message at its receiver. */
const MESSAGE = { unknown: 0, awaited: 1, there: 2 } as const;

class Run {
  private readonly queue = new PriorityQueue();
  private readonly protocol: Protocol;
  private readonly count: number;
  /** Of each chunk of each member: messages that are injected, free to be sent, sent, received. */
  private readonly injected: Uint16Array;
  private readonly free: Uint16Array;
  private readonly sent: Uint16Array;
  private readonly received: Uint16Array;
  private readonly messages: Uint8Array;
  /** The next chunk of each queue of each member. */
  private readonly next: Uint32Array;
  private remaining: number;

  constructor(private readonly replay: Replay) {
    const { members, chunks, queues, servers } = replay;
    this.protocol = protocolOf(replay);
    this.count = this.protocol.bytes.length;
    const runs = members.length * chunks;
    checkMessages(Math.max(runs * this.count, members.length * queues.count * servers), members.length, chunks);
    this.injected = new Uint16Array(runs);
    this.free = new Uint16Array(runs);
    this.sent = new Uint16Array(runs);
    this.received = new Uint16Array(runs);
    this.messages = new Uint8Array(runs * this.count);
    this.next = new Uint32Array(members.length * queues.count);
    this.remaining = runs;
  }

  /** Time at which the last member ends, ns; undefined where they wait for one another for ever. */
  end(): number | undefined {
    const { servers } = this.replay;
    for (let line = 0; line < this.next.length; line++) for (let i = 0; i < servers; i++) this.begin(line);
    while (this.queue.size > 0) {
      const event = this.queue.take();
      const message = Math.floor(event / EVENTS) % this.count;
      const run = Math.floor(event / EVENTS / this.count);
      if (event % EVENTS === EVENT.injected) this.inject(run);
      else if (event % EVENTS === EVENT.arrived) this.arrive(run, message);
      else this.receive(run);
      if (this.remaining === 0) return this.queue.key;
    }
    return undefined;
  }

  private schedule(delayNs: number, kind: number, run: number, message: number): void {
    this.queue.add(this.queue.key + delayNs, (run * this.count + message) * EVENTS + kind);
  }

  /** The next chunk of a queue begins. */
  private begin(line: number): void {
    const { chunks, queues } = this.replay;
    const chunk = (line % queues.count) + queues.count * this.next[line]!;
    if (chunk >= chunks) return;
    this.next[line]!++;
    const run = Math.floor(line / queues.count) * chunks + chunk;
    for (let i = 0; i < this.protocol.window; i++) this.prepare(run);
  }

  private prepare(run: number): void {
    this.schedule(this.protocol.delayNs(this.injected[run]!++), EVENT.injected, run, 0);
  }

  /** A message is ready to leave. */
  private inject(run: number): void {
    const { window, firstHalf } = this.protocol;
    this.free[run]!++;
    let sends = 1;
    if (firstHalf > 0 && this.sent[run]! >= firstHalf) {
      if (this.received[run]! < firstHalf) return;
      sends = window;
    }
    for (let i = 0; i < sends; i++) this.send(run);
    if (this.sent[run] === this.count && this.free[run] === window) this.leave(run);
  }

  private send(run: number): void {
    const message = this.sent[run]!;
    // Those that are injected and not sent are as many as are free.
    if (message === this.count || this.free[run] === 0) return;
    const { chunks, members, system } = this.replay;
    const member = Math.floor(run / chunks);
    const step = this.protocol.step(member, message);
    const receiver = (member + step + members.length) % members.length;
    const timeNs = routeNs(system, members[member]!, members[receiver]!, this.protocol.bytes[message]!);
    this.schedule(timeNs, EVENT.arrived, receiver * chunks + (run % chunks), message);
    this.sent[run]!++;
    this.free[run]!--;
    const place = run * this.count + message;
    if (this.messages[place] === MESSAGE.there) this.schedule(0, EVENT.received, run, message);
    else this.messages[place] = MESSAGE.awaited;
  }

  /** A receiver awaits a message when it has sent its own. */
  private arrive(run: number, message: number): void {
    const place = run * this.count + message;
    if (this.messages[place] === MESSAGE.awaited) this.receive(run);
    else this.messages[place] = MESSAGE.there;
  }

  private receive(run: number): void {
    this.received[run]!++;
    this.prepare(run);
  }

  /** A chunk ends, and the next one of its queue begins. */
  private leave(run: number): void {
    const { chunks, queues } = this.replay;
    this.remaining--;
    this.begin(Math.floor(run / chunks) * queues.count + ((run % chunks) % queues.count));
  }
}

/** Time of the slowest member, ns; undefined for a deadlock. */
export function replayNs(replay: Replay): number | undefined {
  return new Run(replay).end();
}
