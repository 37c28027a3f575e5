/** Progress that goes from one known state of a graph to the next. */
import type { LayerPattern } from './layerPatterns.js';
import { COMMUNICATE, COMPUTE, FREE, SLOTS, type Waits } from './nodes.js';
import type { Progress } from './progress.js';
import {
  NODE_BITS,
  NODE_MASK,
  type ProgressStates,
  RELEASES_AT,
  STATE,
  STRETCHES_AT,
  STRETCHES_MASK,
} from './progressStates.js';

export class KnownProgress implements Progress {
  readonly begins: number[] = new Array<number>(SLOTS).fill(FREE);
  readonly running: number[] = new Array<number>(SLOTS).fill(FREE);
  stretches = 0;
  releases = 0;
  passed = new Int16Array(0);
  passedFrom = 0;
  passedTo = 0;
  states!: ProgressStates;
  /** Where it is among them. */
  state = 0;

  bind(states: ProgressStates): void {
    this.states = states;
  }

  get waits(): Waits {
    return this.states.waitsOf(this.state);
  }

  get readies(): number {
    return this.states.records[this.state * STATE.places + STATE.readies]!;
  }

  layer(layer: number): LayerPattern {
    return this.states.layerIn(this.state, layer);
  }

  begin(): void {
    const { state, begun } = this.states.first;
    this.go(state, begun);
  }

  change(event: number, node: number): void {
    const { states, state } = this;
    const at = state * STATE.places;
    if (event < SLOTS) {
      const place = STATE.ends + SLOTS * event;
      if (states.records[at + place] === 0) states.find(state, event, node, place);
      this.follow(at + place);
      return;
    }
    if (states.records[at + STATE.otherEvent] !== event) {
      states.find(state, event, node, STATE.other);
      states.records[at + STATE.otherEvent] = event;
    }
    this.follow(at + STATE.other);
  }

  passAlone(slot: number, node: number): void {
    const { states, state } = this;
    const at = state * STATE.places;
    if (states.records[at + STATE.alone] === 0) states.findAlone(state, slot, node);
    this.passed = states.passed;
    this.passedFrom = states.records[at + STATE.passedFrom]!;
    this.passedTo = states.records[at + STATE.passedTo]!;
    this.follow(at + STATE.alone);
  }

  leap(key: number | undefined, make: (waits: Waits) => void): void {
    const { states } = this;
    this.state = states.leap(this.state, key, make);
    const at = this.state * STATE.places + STATE.running;
    for (let slot = 0; slot < SLOTS; slot++) this.running[slot] = states.records[at + slot]!;
  }

  /** Goes where a place of the records says. */
  private follow(place: number): void {
    const { records } = this.states;
    this.go(records[place]! - 1, records[place + 1]!);
  }

  private go(state: number, begun: number): void {
    this.state = state;
    this.begins[COMPUTE] = (begun & NODE_MASK) - 1;
    this.begins[COMMUNICATE] = ((begun >> NODE_BITS) & NODE_MASK) - 1;
    this.stretches = (begun >> STRETCHES_AT) & STRETCHES_MASK;
    this.releases = begun >> RELEASES_AT;
  }
}
