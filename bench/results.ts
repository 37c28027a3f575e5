/** What `npm run bench` measures: the JSON files in bench/results/. */
import type { TuningRecord } from '../host/backends/webgpu/tuning.js';
import type { AgentCost } from './agents.js';
import type { BoxesResult } from './boxes.js';
import type { Ceilings } from './ceilings.js';
import type { CommandResult } from './commands.js';
import type { DesignResult } from './concepts/designs.js';
import type { ConceptResult } from './concepts/measure.js';
import type { BusyResult, KernelResult } from './kernel.js';
import type { Machine } from './machine.js';
import type { MoneyResult } from './money.js';
import type { OperationCount } from './operations.js';
import type { EvolutionResult } from './residentIslands.js';
import type { CoresResult, PopulationResult, ScalingResult } from './scaling.js';
import type { StepsResult } from './steps.js';
import type { ThroughputResult } from './throughput.js';
import type { WalkResult } from './walks.js';

export type DeviceResult = Ceilings & KernelResult & { readonly busy: BusyResult };

/** What each stage of the benchmark measures. */
export interface Measurements {
  /** Undefined where nothing was tuned: without an adapter, and on a software one. */
  readonly tuning: TuningRecord | undefined;
  readonly throughput: readonly ThroughputResult[];
  /** Of the astra-sim profile. */
  readonly steps: StepsResult;
  readonly walks: readonly WalkResult[];
  readonly money: readonly MoneyResult[];
  readonly boxes: readonly BoxesResult[];
  readonly commands: readonly CommandResult[];
  /** Undefined without an adapter. */
  readonly device: DeviceResult | undefined;
  /** Of the WGSL kernel, for a random design. */
  readonly operations: OperationCount;
  /** For a design behind its neighbour: the mean over what a thread walks. */
  readonly walkOperations: OperationCount;
  readonly sizes: readonly ScalingResult[];
  readonly cores: readonly CoresResult[];
  readonly populations: readonly PopulationResult[];
  readonly agents: readonly AgentCost[];
  /** Undefined without an adapter. */
  readonly evolution: EvolutionResult | undefined;
  readonly concepts: readonly ConceptResult[];
  readonly designs: readonly DesignResult[];
}

/** Stages that failed, and those that were not reached, are missing. */
export interface BenchmarkResults extends Partial<Measurements> {
  readonly date: string;
  readonly machine: Machine;
  readonly space: string;
  readonly failures: readonly { readonly stage: string; readonly message: string }[];
}
