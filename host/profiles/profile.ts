/** What a profile is: whose rules the simulator follows, and all that host asks about them. */
import type { StepSimulator } from '../../kernels/astra/simulate.js';
import type { Bounder } from '../../kernels/bound/bounder.js';
import type { Overfull } from '../../kernels/memory/floor.js';
import type { Timeline } from '../../kernels/schedule/timeline.js';
import type { Simulator } from '../../kernels/simulate.js';
import type { CompiledSpace, Profile, Workload } from '../../psa/space.js';
import type { CollectiveCall, CollectiveRun } from './collectiveRun.js';
import type { GraphTables } from './operationTables.js';

type MakeSimulator = (workload: Workload, tiers: readonly number[], derives?: boolean) => Simulator;

/** The rules of a profile. */
export interface Rules {
  readonly name: Profile;
  /** Behind a design's title; empty for physics. */
  readonly title: string;
  /** The option of a command that asks for it; empty where that is the default. */
  readonly option: string;
  /** One clause, with links as the documents in docs/ have them. */
  readonly description: string;
  /** Behind the verdict on a memory larger than an NPU's. */
  readonly overMemory: string;
  /** Why a model may seem to use more than the peak; empty where none can. */
  readonly overPeak: string;
  /** The backends that have it; undefined where all do. */
  readonly backends: readonly string[] | undefined;
  /** What `auto` takes where no rates of the profile are kept, and why; undefined where that depends on the machine and the job. */
  readonly autoBackend: { readonly name: 'cpu'; readonly reason: string } | undefined;
  /** Simulates designs whose steps a kernel runs; only where the simulator is not a kernel as a whole. */
  readonly createStepSimulator?: (workload: Workload, tiers: readonly number[]) => StepSimulator;
  /**
   * Evaluations of a full-stack search where none are named: enough to begin a proof with, or what takes about a quarter of a minute
   * on two cores where none follows.
   */
  readonly fullStackEvaluations: number;
  readonly createSimulator: MakeSimulator;
  /**
   * As createSimulator, but the time is a lower bound of the design's, far faster, and has no parts; all else, the status too,
   * is exact. Undefined where a simulation is fast enough.
   */
  readonly createBounder: MakeSimulator | undefined;
  /**
   * A number that is the same for designs which share most of what their simulator keeps, so that they are run faster one after
   * another; undefined where the order makes no difference. What a design gives does not depend on it.
   */
  readonly shapeNumber: ((design: Float64Array) => number) | undefined;
  /**
   * Tells of designs, fast, that they do not fit in memory: of none that does, but not of all others. Undefined where no design is
   * infeasible by its memory.
   */
  readonly createMemoryFloor: ((workload: Workload, tiers: readonly number[]) => Overfull) | undefined;
  /** The genes that have one value in each box that is bounded. */
  readonly singleGenes: (space: CompiledSpace) => number[];
  /** @param priced designs without a price do not count */
  readonly createBoxBounder: (space: CompiledSpace, priced: boolean) => Bounder;
  /** Where a design's step goes, per phase of the workload. */
  readonly operationTables: (space: CompiledSpace, design: Float64Array) => GraphTables[];
  /** One collective of the innermost NPUs of a space's fixed design. */
  readonly collective: (space: CompiledSpace, call: CollectiveCall) => CollectiveRun;
  /**
   * What runs when in one step of a design: its phases one after another, each once.
   *
   * @param drawn micro-batches at either end of a long step
   */
  readonly timeline: (space: CompiledSpace, design: Float64Array, drawn?: number) => Timeline;
}
