import type { Place } from './document.js';
import type { Model } from './model.js';
import type { FactSources, Workload } from './space.js';
import type { ParameterSpec } from './specs.js';
import type { System } from './system.js';

/** A value with the place that it was written at. */
export interface Placed<Value> {
  readonly value: Value;
  readonly place: Place;
}

/** How a paper counts a space, where that differs from the number of structurally valid designs. */
export interface Published {
  readonly count: bigint;
  /** Parameters that it does not count. */
  readonly ignores: readonly Placed<string>[];
  /** Constraints that it does not apply. */
  readonly relaxes: readonly Placed<string>[];
}

/**
 * A Parameter Set Architecture, loaded: a design space over a system and a model. `compilePsa` makes a space of it,
 * `applyOverrides` another PsA.
 */
export interface Psa {
  readonly name: string;
  readonly description: string;
  readonly place: Place;
  readonly system: System;
  /** What the model's files and overrides say; `workload` follows from it. */
  readonly model: Model;
  readonly workload: Workload;
  /** Network dimensions, 1–4; may differ from the system's. */
  readonly dimensions: number;
  /**
   * By full name (`workload.dp`); `network.npus[0]` says something of one dimension alone, and goes before what is said
   * of all. What is not here stays at the system's default.
   */
  readonly parameters: ReadonlyMap<string, Placed<ParameterSpec>>;
  readonly constraints: readonly Placed<string>[];
  /** For parseObjective. */
  readonly objective: Placed<string>;
  readonly published: Published | undefined;
  /** Of what its own file says; a system says its own. */
  readonly factSources?: FactSources;
  /** `name=value`, of those that `applyOverrides` took, in order. */
  readonly overrides: readonly string[];
}
