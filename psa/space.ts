/** A transformer and one phase of its use: what an op-graph table is built from. Sizes in elements, batch in sequences. */
export interface ModelPhase {
  readonly model: string;
  readonly phase: 'training' | 'prefill' | 'decode';
  /** Factor of this phase's time in the workload's time (200 decoded tokens, the weight in an ensemble). */
  readonly weight: number;
  readonly layers: number;
  readonly hidden: number;
  readonly ffn: number;
  readonly heads: number;
  /** Heads of keys and values; fewer than `heads` with grouped-query attention. */
  readonly kvHeads: number;
  readonly headDim: number;
  /** Tokens that one sequence brings to this phase: 1 in decode. */
  readonly seq: number;
  /** Tokens that attention looks at: `seq` but in decode, where it is the length of the cache. */
  readonly context: number;
  /** Attention looks backwards only, so half of the scores are skipped. */
  readonly causal: boolean;
  /** Entries of the token table, 0 for a patch embedding. */
  readonly vocab: number;
  /** Inputs of a patch embedding (patch side² × channels) and classes of its head; 0 for token models. */
  readonly patch: number;
  readonly classes: number;
  /** The MLP has a gate beside its first product, three matrices in all. */
  readonly gated: boolean;
  /** Residual branches and attention probabilities are dropped in training, so their masks are kept. */
  readonly dropout: boolean;
  /** Positions are a table of their own, of `seq` rows; else they are rotations without parameters. */
  readonly learnedPositions: boolean;
  readonly experts: number;
  readonly expertsPerToken: number;
  readonly batch: number;
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
}

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
}
