/**
 * Stages to run: a step takes as many as run at a time, and each of them may run any graph. So what changes in a run lies in the
 * same few places for all steps.
 */
import { KnownLayers } from './clearLayers.js';
import { KnownProgress } from './knownProgress.js';
import { LayerPatterns } from './layerPatterns.js';
import type { Nodes } from './nodes.js';
import { RuledProgress } from './progress.js';
import { LARGEST_KEPT, ProgressStates } from './progressStates.js';
import { Stage } from './stage.js';
import { Steady } from './steady.js';

/** A stage, and what watches it. */
export interface Watched {
  readonly stage: Stage;
  readonly watch: Steady;
  /** Where it is in graphs whose states are kept. */
  readonly progress: KnownProgress;
  /** Where it is in the last one of those that are too large. */
  large: { readonly nodes: Nodes; readonly progress: RuledProgress } | undefined;
  /** How often states had been forgotten when it took its graph; −1 before it took one. */
  age: number;
}

/** Bytes of all states that are kept: one for each node, and what each state has beside. */
const KEPT_BYTES = 2 ** 25;
const STATE_BYTES = 128;

/** The stages of one step after another. */
export class StagePool {
  private readonly made: Watched[] = [];
  private taken = 0;
  /** What is known of layers of all stages, and of their progress. */
  readonly layers = new KnownLayers();
  private states = new Map<Nodes, ProgressStates>();
  private patterns = new LayerPatterns();
  private kept = 0;
  private age = 0;

  /** All are free again. */
  clear(): void {
    this.taken = 0;
    this.layers.forget();
    if (this.kept > KEPT_BYTES) this.forget();
  }

  private forget(): void {
    this.states = new Map();
    this.patterns = new LayerPatterns();
    this.kept = 0;
    this.age++;
  }

  /** A stage that runs a graph. Of large graphs no state is kept: they are of steps in which little repeats. */
  take(nodes: Nodes): Watched {
    const known = this.made[this.taken++] ?? this.make(nodes);
    const { stage, watch, progress } = known;
    if (stage.nodes === nodes && known.age === this.age) return known;
    if (nodes.graph.nodes > LARGEST_KEPT) {
      if (known.large?.nodes !== nodes) known.large = { nodes, progress: new RuledProgress(nodes) };
      stage.bind(nodes, known.large.progress);
    } else {
      progress.bind(this.statesOf(nodes));
      stage.bind(nodes, progress);
    }
    watch.bind();
    known.age = this.age;
    return known;
  }

  private statesOf(nodes: Nodes): ProgressStates {
    const known = this.states.get(nodes);
    if (known !== undefined) return known;
    const states = new ProgressStates(nodes, this.patterns, (count) => {
      this.kept += count + STATE_BYTES;
    });
    this.states.set(nodes, states);
    return states;
  }

  private make(nodes: Nodes): Watched {
    const progress = new KnownProgress();
    const stage = new Stage(nodes, progress);
    const watch = new Steady(stage);
    stage.watch = watch;
    const made = { stage, watch, progress, large: undefined, age: -1 };
    this.made.push(made);
    return made;
  }
}
