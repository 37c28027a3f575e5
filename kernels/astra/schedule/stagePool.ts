/**
 * Stages to run: a step takes as many as run at a time, and each of them may run any graph. So what changes in a run lies in the
 * same few places for all steps.
 */
import { KnownLayers } from './clearLayers.js';
import type { Nodes } from './nodes.js';
import { Stage } from './stage.js';
import { Steady } from './steady.js';

/** A stage, and what watches it. */
export interface Watched {
  readonly stage: Stage;
  readonly watch: Steady;
}

/** The stages of one step after another. */
export class StagePool {
  private readonly made: Watched[] = [];
  private taken = 0;
  /** What is known of layers of all stages. */
  readonly layers = new KnownLayers();

  /** All are free again. */
  clear(): void {
    this.taken = 0;
    this.layers.forget();
  }

  /** A stage that runs a graph. */
  take(nodes: Nodes): Watched {
    const known = this.made[this.taken++];
    if (known === undefined) return this.make(nodes);
    if (known.stage.nodes !== nodes) {
      known.stage.bind(nodes);
      known.watch.bind();
    }
    return known;
  }

  private make(nodes: Nodes): Watched {
    const stage = new Stage(nodes);
    const watch = new Steady(stage);
    stage.watch = watch;
    this.made.push({ stage, watch });
    return this.made[this.taken - 1]!;
  }
}
