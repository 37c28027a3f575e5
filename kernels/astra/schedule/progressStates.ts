/**
 * What the nodes of a stage's graph were in earlier runs, and what followed. That depends on what the nodes are and not on times, so it
 * is found by the rule once for all runs that come there, be they of other designs.
 */
import type { LayerPattern, LayerPatterns } from './layerPatterns.js';
import { COMMUNICATE, COMPUTE, FREE, type Nodes, type Waits } from './nodes.js';
import { layerOf, type Progress, RuledProgress, STRETCH_BITS } from './progress.js';

/**
 * Places of a state's record, a line of a cache: by slots what follows when its node ends, what follows what runs alone, and what
 * followed another event last. Of each the state plus 1, or 0 for unknown, and what begins.
 */
export const STATE = {
  ends: 0,
  alone: 4,
  passedFrom: 6,
  passedTo: 7,
  other: 8,
  otherEvent: 10,
  /** How many nodes are ready, and by slots the one that runs. */
  readies: 11,
  running: 12,
  /** A layer plus 1, and its pattern. */
  layer: 14,
  pattern: 15,
  places: 16,
} as const;

/** What begins, as a number: of each slot the node plus 1, then the stretches, then the releases. */
export const NODE_BITS = 11;
export const NODE_MASK = (1 << NODE_BITS) - 1;
export const STRETCHES_AT = 2 * NODE_BITS;
export const STRETCHES_MASK = (1 << (2 * STRETCH_BITS)) - 1;
export const RELEASES_AT = STRETCHES_AT + 2 * STRETCH_BITS;

/** Nodes of the largest graph whose states can be kept. */
export const LARGEST_KEPT = 512;

function begunOf({ begins, stretches, releases }: Progress): number {
  const [computes, communicates] = [begins[COMPUTE]! + 1, begins[COMMUNICATE]! + 1];
  return computes | (communicates << NODE_BITS) | (stretches << STRETCHES_AT) | (releases << RELEASES_AT);
}

/** Few other states have the same number. */
function numberOf(waits: Waits): number {
  let number = 0;
  for (let node = 0; node < waits.length; node++) {
    number = Math.imul(number ^ waits[node]!, 0x01000193);
    number ^= number >>> 15;
  }
  return number;
}

function grown<T extends Int8Array | Int16Array | Int32Array>(array: T, length: number): T {
  if (array.length >= length) return array;
  const larger = new (array.constructor as new (length: number) => T)(Math.max(length, 2 * array.length));
  larger.set(array as never);
  return larger;
}

/** The states of a graph, by numbers. */
export class ProgressStates {
  records = new Int32Array(0);
  /** Nodes that run alone, which {@link STATE.passedFrom} tells of. */
  passed = new Int16Array(0);
  private passedCount = 0;
  readonly first: { readonly state: number; readonly begun: number };
  private count = 0;
  /** What the nodes are, state by state. */
  private waits = new Int8Array(0);
  private readonly byNumber = new Map<number, number[]>();
  private readonly otherLayers = new Map<number, LayerPattern>();
  /** Of each state the keys of leaps from there, which are few, each with the state that follows. */
  private readonly leaps: number[][] = [];
  private readonly rule: RuledProgress;
  /** The state that `rule` is in. */
  private at = -1;

  /** @param onKeep is told how many nodes one more state has */
  constructor(
    private readonly nodes: Nodes,
    private readonly patterns: LayerPatterns,
    private readonly onKeep: (nodes: number) => void,
  ) {
    this.rule = new RuledProgress(nodes);
    this.rule.begin();
    this.first = { state: this.keep(), begun: begunOf(this.rule) };
  }

  /** What the nodes are in a state. */
  waitsOf(state: number): Waits {
    const { nodes } = this.nodes.graph;
    return this.waits.subarray(state * nodes, (state + 1) * nodes);
  }

  /** What the nodes of a layer are: of the first layer that is asked for the record tells. */
  layerIn(state: number, layer: number): LayerPattern {
    const at = state * STATE.places;
    if (this.records[at + STATE.layer] === layer + 1) return this.patterns.all[this.records[at + STATE.pattern]!]!;
    const key = state * LARGEST_KEPT + layer;
    let pattern = this.otherLayers.get(key);
    if (pattern !== undefined) return pattern;
    pattern = this.patterns.of(layerOf(this.nodes, this.waitsOf(state), layer));
    if (this.records[at + STATE.layer] !== 0) this.otherLayers.set(key, pattern);
    else {
      this.records[at + STATE.layer] = layer + 1;
      this.records[at + STATE.pattern] = pattern.number;
    }
    return pattern;
  }

  /** Finds what follows an event, and keeps it at a place of the state's record. */
  find(state: number, event: number, node: number, place: number): void {
    this.goTo(state);
    this.rule.change(event, node);
    this.put(state, place);
  }

  /** Finds what runs alone behind a slot's node, up to what stops it; see {@link Progress.passAlone}. */
  findAlone(state: number, slot: number, node: number): void {
    const { rule } = this;
    const { graph, stops } = this.nodes;
    const from = this.passedCount;
    this.goTo(state);
    rule.change(slot, node);
    for (let runs = rule.runsAlone(); runs !== FREE && rule.stretches === 0; runs = rule.runsAlone()) {
      const next = rule.running[runs]!;
      if (stops[graph.rowOf[next]!] === 1) break;
      this.passed = grown(this.passed, this.passedCount + 1);
      this.passed[this.passedCount++] = next;
      rule.change(runs, next);
    }
    this.put(state, STATE.alone);
    this.records[state * STATE.places + STATE.passedFrom] = from;
    this.records[state * STATE.places + STATE.passedTo] = this.passedCount;
  }

  leap(state: number, key: number | undefined, make: (waits: Waits) => void): number {
    const leaps = this.leaps[state]!;
    for (let i = 0; i < leaps.length; i += 2) if (leaps[i] === key) return leaps[i + 1]!;
    this.goTo(state);
    this.rule.leap(key, make);
    const next = this.keep();
    if (key !== undefined) leaps.push(key, next);
    return next;
  }

  private goTo(state: number): void {
    if (this.at !== state) this.rule.become(this.waitsOf(state));
  }

  /** What `rule` has come to follows a state. */
  private put(state: number, place: number): void {
    const next = this.keep();
    this.records[state * STATE.places + place] = next + 1;
    this.records[state * STATE.places + place + 1] = begunOf(this.rule);
  }

  /** The state that `rule` is in. */
  private keep(): number {
    const { waits } = this.rule;
    const number = numberOf(waits);
    const alike = this.byNumber.get(number) ?? [];
    let state = alike.find((other) => this.equals(other, waits));
    if (state === undefined) {
      state = this.add();
      this.byNumber.set(number, [...alike, state]);
    }
    this.at = state;
    return state;
  }

  private add(): number {
    const { waits, readies, running } = this.rule;
    const state = this.count++;
    this.leaps.push([]);
    this.records = grown(this.records, this.count * STATE.places);
    const at = state * STATE.places;
    this.records[at + STATE.readies] = readies;
    this.records.set(running, at + STATE.running);
    this.waits = grown(this.waits, this.count * waits.length);
    this.waits.set(waits, state * waits.length);
    this.onKeep(waits.length);
    return state;
  }

  private equals(state: number, waits: Waits): boolean {
    const start = state * waits.length;
    for (let node = 0; node < waits.length; node++) if (this.waits[start + node] !== waits[node]) return false;
    return true;
  }
}
