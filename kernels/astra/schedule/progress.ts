/**
 * The rule of the ready list without times: what each node of a stage is, and which one a free slot takes when something ends.
 * Whenever that is, each free slot takes the ready node of the lowest number.
 */
import { LayerPattern } from './layerPatterns.js';
import { COMMUNICATE, COMPUTE, DONE, FREE, type Nodes, READY, RUNNING, SLOTS, type Waits } from './nodes.js';
import { ReadyNodes } from './readyNodes.js';
import { STRETCH } from './stretch.js';

/** What happens to a stage, plus a slot, or what it receives: a slot's node ends, ends but is not over, a send arrives. */
export const ENDS = 0;
export const ENDS_NOT = SLOTS;
export const RECEIVES = 2 * SLOTS;

/** What leaps are of, the first digit of their keys. */
export const LEAP = { clear: 0, steady: 1, kinds: 2 } as const;

/** Bits of a STRETCH. */
export const STRETCH_BITS = 2;
export const STRETCH_MASK = (1 << STRETCH_BITS) - 1;

/** What each node of a stage is, from event to event. */
export interface Progress {
  readonly waits: Waits;
  /** How many are ready. */
  readonly readies: number;
  /** By slots: the node that the last event began, and behind a leap the one that runs; FREE for none. */
  readonly begins: readonly number[];
  readonly running: readonly number[];
  /** By slots, what may run behind that as one with it (STRETCH); a bit for each, were others released by the last event? */
  readonly stretches: number;
  readonly releases: number;
  begin(): void;
  /** @param node that ends, or is received */
  change(event: number, node: number): void;
  /**
   * A slot's node ends while the other slot is free. Where it is known what follows, that goes on for as long as one slot runs at a
   * time, up to a node that stops it.
   */
  passAlone(slot: number, node: number): void;
  /** Nodes that began and ended meanwhile, one after another, among others. */
  readonly passed: Int16Array;
  readonly passedFrom: number;
  readonly passedTo: number;
  /**
   * Nodes become something else than by events.
   *
   * @param key tells what `make` does now; undefined where no number does
   */
  leap(key: number | undefined, make: (waits: Waits) => void): void;
  /** What the nodes of a layer are. */
  layer(layer: number): LayerPattern;
}

/** Nodes of a layer of a graph. */
export function layerOf({ graph }: Nodes, waits: Waits, layer: number): Waits {
  const width = graph.pieces.layer.rows.length;
  const start = graph.span.firstLayer + layer * width;
  return waits.subarray(start, start + width);
}

const NONE = new Int16Array(0);

/** Finds what follows by the rule. */
export class RuledProgress implements Progress {
  readonly waits: Int32Array;
  readonly running: number[] = new Array<number>(SLOTS).fill(FREE);
  readonly begins: number[] = new Array<number>(SLOTS).fill(FREE);
  stretches = 0;
  releases = 0;
  readonly passed = NONE;
  readonly passedFrom = 0;
  readonly passedTo = 0;
  private readonly ready: readonly ReadyNodes[];

  constructor(private readonly nodes: Nodes) {
    const { graph } = nodes;
    this.waits = new Int32Array(graph.nodes);
    this.ready = Array.from({ length: SLOTS }, () => new ReadyNodes(graph.nodes));
  }

  get readies(): number {
    return this.ready[COMPUTE]!.count + this.ready[COMMUNICATE]!.count;
  }

  layer(layer: number): LayerPattern {
    return new LayerPattern(layerOf(this.nodes, this.waits, layer).slice());
  }

  begin(): void {
    const { graph, sources } = this.nodes;
    this.waits.set(graph.waits);
    for (let slot = 0; slot < SLOTS; slot++) this.ready[slot]!.clear();
    this.running.fill(FREE);
    this.clear();
    for (let i = 0; i < sources.length; i++) this.release(sources[i]!);
    this.issue();
  }

  change(event: number, node: number): void {
    this.clear();
    if (event < RECEIVES) this.running[this.nodes.slots[node]!] = FREE;
    if (event >= ENDS_NOT && event < RECEIVES) this.release(node);
    else {
      if (event < RECEIVES) this.waits[node] = DONE;
      // What waits for a send is told where it is received.
      if (event >= RECEIVES || this.nodes.leaves[node] === 0) this.tell(node);
    }
    this.issue();
  }

  passAlone(slot: number, node: number): void {
    this.change(ENDS + slot, node);
  }

  leap(_: number | undefined, make: (waits: Waits) => void): void {
    make(this.waits);
    this.read();
  }

  /** The slot that runs while the other one is free; FREE where both or none are. */
  runsAlone(): number {
    const [computing, communicating] = this.running;
    if ((computing === FREE) === (communicating === FREE)) return FREE;
    return computing === FREE ? COMMUNICATE : COMPUTE;
  }

  /** Goes on from somewhere else. */
  become(waits: Waits): void {
    this.waits.set(waits);
    this.read();
  }

  /** What is ready and runs, by what the nodes are. */
  private read(): void {
    const { ready, running, waits } = this;
    const { slots } = this.nodes;
    for (let slot = 0; slot < SLOTS; slot++) ready[slot]!.clear();
    running.fill(FREE);
    for (let node = 0; node < waits.length; node++) {
      if (waits[node] === READY) ready[slots[node]!]!.add(node);
      if (waits[node] === RUNNING) running[slots[node]!] = node;
    }
  }

  private clear(): void {
    for (let slot = 0; slot < SLOTS; slot++) this.begins[slot] = FREE;
    this.stretches = 0;
    this.releases = 0;
  }

  private tell(node: number): void {
    const { waits } = this;
    const { firstSuccessor, successors } = this.nodes.graph;
    const end = firstSuccessor[node + 1]!;
    for (let i = firstSuccessor[node]!; i < end; i++) {
      const successor = successors[i]!;
      const left = waits[successor]! - 1;
      waits[successor] = left;
      if (left === 0) this.release(successor);
    }
  }

  private release(node: number): void {
    const slot = this.nodes.slots[node]!;
    this.waits[node] = READY;
    this.ready[slot]!.add(node);
    this.releases |= 1 << slot;
  }

  private issue(): void {
    if (this.running[COMPUTE] === FREE && this.ready[COMPUTE]!.count > 0) this.issueSlot(COMPUTE);
    if (this.running[COMMUNICATE] === FREE && this.ready[COMMUNICATE]!.count > 0) this.issueSlot(COMMUNICATE);
  }

  private issueSlot(slot: number): void {
    const node = this.ready[slot]!.take();
    this.waits[node] = RUNNING;
    this.running[slot] = node;
    this.begins[slot] = node;
    const stretch = this.nodes.stretches[this.nodes.graph.rowOf[node]!]!;
    if (stretch !== STRETCH.none && this.isLast(stretch, node, slot))
      this.stretches |= stretch << (STRETCH_BITS * slot);
  }

  /** Is a node the last of its kind that is there? */
  private isLast(stretch: number, node: number, slot: number): boolean {
    if (stretch === STRETCH.gathers) return node === this.nodes.lastGather;
    const { firstSum, firstUpdate, layers } = this.nodes.graph.span;
    const first = stretch === STRETCH.sums ? firstSum : firstUpdate;
    const ready = this.ready[slot]!;
    return ready.count === 0 || ready.lowest() >= first + layers;
  }
}
