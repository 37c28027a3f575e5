import type { ConfigReading } from './huggingFace/read.js';
import type { ModelFields } from './modelFields.js';
import type { FactStack } from './parameters.js';

/** A transformer and one phase of its use: what an op-graph table is built from. Its fields: `MODEL_FIELDS`. */
export interface ModelPhase extends Omit<ModelFields, 'mlp'> {
  readonly model: string;
}

/**
 * Whose rules the simulator follows: physics, or those of ASTRA-sim and its workload generator, units and quirks included
 * (docs/astra-sim.md).
 */
export const PROFILES = ['default', 'astra-sim'] as const;
export type Profile = (typeof PROFILES)[number];

export interface Workload {
  readonly name: string;
  /** `default` where it is absent. */
  readonly profile?: Profile;
  /** Evaluated one after another; times are added with their weights, memory is the largest. */
  readonly phases: readonly ModelPhase[];
  /** What was read of the configurations of transformers that its models come from. */
  readonly readings?: readonly ConfigReading[];
}

/** Where facts are from: of each kind that says it, its source and date. */
export type FactSources = Readonly<Partial<Record<FactStack, string>>>;

/** One gene: the parameters that vary together, and the feasible tuples of their values. */
export interface Gene {
  /** Its parameters, joined: `workload.dp × workload.tp`, `network.bandwidthGBps[2]`. */
  readonly name: string;
  readonly parameters: readonly string[];
  readonly scale: 'category' | 'linear' | 'log' | 'tuple';
  /** Feasible tuples; at least 1. */
  readonly size: number;
  /** Tuples before constraints. */
  readonly unconstrainedSize: number;
  /** Slot of the design vector that each element of a tuple sets. */
  readonly slots: readonly number[];
  /** `size` × `slots.length` values, a tuple per row. */
  readonly table: Float64Array;
}

/**
 * A compiled design space: a product of genes, each ordinal of which is structurally valid.
 * ordinal = Σ digit[g] · Π_{h>g} size[h]; gene 0 is the slowest. Genes go from what most of a simulation depends on (workload,
 * then compute) to what little does (collective, then network), so that neighbouring ordinals share most of their work.
 */
export interface CompiledSpace {
  readonly name: string;
  readonly systemName: string;
  /** `name=value`: what was asked for beside the names. */
  readonly overrides: readonly string[];
  readonly npus: number;
  /** Network dimensions, 1–4. */
  readonly dimensions: number;
  readonly workload: Workload;
  readonly genes: readonly Gene[];
  readonly count: bigint;
  /** A value for each slot ({@link SLOT_COUNT}); the genes overwrite theirs. Unused dimensions have 1 NPU. */
  readonly fixed: Float64Array;
  /** The price tier of each dimension, see kernels/cost. */
  readonly tiers: readonly number[];
  /** Absent where no file says it. */
  readonly factSources?: FactSources;
}
