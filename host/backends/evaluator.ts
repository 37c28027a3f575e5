import type { Limit } from '../../kernels/objective/limits.js';
import type { Objective } from '../../kernels/objective/objective.js';
import type { OutputName } from '../../kernels/outputs.js';
import type { SweepPart } from '../../kernels/reduce/reduce.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { EvolutionRequest, ResidentIslands } from './residentIslands.js';

/** Designs to evaluate, as an evaluator takes them. */
export type Batch =
  /** `count` rows of gene digits, one u32 per gene: what agents propose. */
  | { readonly kind: 'digits'; readonly digits: Uint32Array; readonly count: number }
  /** The ordinals start … start + count − 1. */
  | { readonly kind: 'ordinals'; readonly start: bigint; readonly count: number }
  /** Uniform random designs: sample i of a seed is the same design on every backend. */
  | { readonly kind: 'samples'; readonly seed: number; readonly start: bigint; readonly count: number };

/** One row per design. */
export interface Results {
  readonly count: number;
  /** `count` × OUTPUT_COUNT, in the order of OUTPUTS. */
  readonly outputs: Float64Array;
  /** Bit masks of STATUS; 0 is feasible. */
  readonly status: Uint32Array;
}

/** Designs of a space, by their ordinals start … start + count − 1, and what of them is to be bounded. */
export interface BoundsRequest {
  readonly objectives: readonly Objective[];
  readonly start: bigint;
  readonly count: number;
}

/** Of each objective a value per design: no larger than the design's own, infinite where it is infeasible. */
export type Bounds = readonly Float64Array[];

/** Boxes of designs, and what of them is to be bounded (kernels/bound). */
export interface BoxesRequest {
  readonly objectives: readonly Objective[];
  readonly limits: readonly Limit[];
  readonly count: number;
  /** First and last digit of each gene, a row per box; genes that have one value in a box have it here. */
  readonly first: Uint32Array;
  readonly last: Uint32Array;
  /** Whether `worst` is asked for. */
  readonly both: boolean;
  /** Where it matters on which side of it a bound is; a bound that is a little below may be computed again, more exactly. */
  readonly threshold: number;
}

/** One number per box. */
export interface BoxValues {
  /** No design of the box has a smaller first objective; infinite where none is feasible. */
  readonly best: Float64Array;
  /** None has a larger one; infinite where that is not known or not asked for. */
  readonly worst: Float64Array;
  /** Why none is feasible: the statuses that all have, the limits that all break, as bits. */
  readonly status: Uint32Array;
  readonly broken: Uint32Array;
}

/** Which designs a sweep walks: all positions start … start + count − 1 of the ordinals, or of a seed's samples. */
export interface SweepRequest {
  readonly source: { readonly kind: 'ordinals' } | { readonly kind: 'samples'; readonly seed: number };
  readonly start: bigint;
  readonly count: bigint;
  /** The first ranks the best designs; all of them span the Pareto front. */
  readonly objectives: readonly Objective[];
  readonly top: number;
  readonly pareto: boolean;
  /** What a design must keep besides to be feasible; none unless given. */
  readonly limits?: readonly Limit[];
  /**
   * Computes all outputs of all designs, as a batch does, instead of what objectives and statuses need: the result is the same.
   * For measurements.
   */
  readonly everyOutput?: boolean;
}

export interface SweepControl {
  /** Called after each finished chunk with all that is finished, a prefix of the request: worth a checkpoint. */
  readonly onChunk?: (finished: SweepPart) => void | Promise<void>;
  /** Ends the sweep after the chunk in progress; `sweep` then returns what is finished. */
  readonly signal?: AbortSignal;
}

/** The backends, as the command line and the manifests of runs name them. */
export const BACKENDS = ['webgpu', 'cpu', 'gpujs'] as const;
export type BackendName = (typeof BACKENDS)[number];

/** The f64 twins, wherever they run. */
export const CPU_PROVENANCE = 'CPU (f64)';
/** Of WebGPU while nothing is known of adapters: workers of a queue have their own. */
export const WEBGPU_PROVENANCE = 'WebGPU (f32)';

const AND = ' + ';

/** What several have evaluated: each once, in an order that does not depend on who came first. */
export function joinProvenances(...provenances: readonly string[]): string {
  const all = new Set(provenances.flatMap((provenance) => provenance.split(AND)));
  if (all.size > 1) all.delete(WEBGPU_PROVENANCE);
  return [...all].sort().join(AND);
}

/**
 * One contract for all backends; the same tests run on each.
 * An evaluator belongs to one space; close it to free its workers, or its buffers on the device.
 */
export interface Evaluator {
  readonly backend: BackendName;
  /** Designs at the beginning of each sweep that the CPU evaluates instead; none unless given. */
  readonly cpuFirst?: bigint;
  /** One line for people: adapter and driver, or cores. */
  readonly description: string;
  /**
   * What of it decides the figures, as runs record it: on the CPU the same on all machines, with any number of threads. Where others
   * evaluate, that of those who have so far.
   */
  readonly provenance: string;
  readonly space: CompiledSpace;
  /** The outputs that this backend computes; others are 0. */
  readonly covers: readonly OutputName[];
  /**
   * @param skip statuses of designs of which nothing else matters: of these only the status is sure, and of others only what may be a
   * factor of an objective. A backend may evaluate all in full all the same; so it does with 0, which is the default.
   */
  evaluate(batch: Batch, skip?: number): Promise<Results>;
  /**
   * Lower bounds of objectives that grow with time, far faster than the designs' evaluation. Only where
   * the profile has them.
   */
  bounds?(request: BoundsRequest): Promise<Bounds>;
  /** Bounds boxes by the first objective; absent where a backend has no bounds. */
  bound?(request: BoxesRequest): Promise<BoxValues>;
  sweep(request: SweepRequest, control?: SweepControl, resumeFrom?: SweepPart): Promise<SweepPart>;
  /**
   * Lets islands of designs evolve where the backend evaluates; absent where it has no memory of its own. `work` is done once
   * more, on empty islands, after the loss of a device, and again as long as `progress` advances.
   */
  evolve?<T>(
    request: EvolutionRequest,
    work: (islands: ResidentIslands) => Promise<T>,
    progress?: () => bigint,
  ): Promise<T>;
  /** How many workers evaluate; only where they come and go. */
  workers?(): number;
  close(): Promise<void>;
}
