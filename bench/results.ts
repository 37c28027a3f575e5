/** What `npm run bench` measures: the JSON files in bench/results/. */
import type { Ceilings } from './ceilings.js';
import type { ConceptResult } from './concepts.js';
import type { KernelResult } from './kernel.js';
import type { Machine } from './machine.js';
import type { OperationCount } from './operations.js';
import type { CoresResult, PopulationResult, ScalingResult } from './scaling.js';
import type { ThroughputResult } from './throughput.js';

export type DeviceResult = Ceilings & KernelResult;

export interface BenchmarkResults {
  readonly date: string;
  readonly machine: Machine;
  readonly space: string;
  readonly concepts: readonly ConceptResult[];
  /** Of the WGSL kernel, for a random design. */
  readonly operations: OperationCount;
  /** Undefined without an adapter. */
  readonly device: DeviceResult | undefined;
  readonly throughput: readonly ThroughputResult[];
  readonly cores: readonly CoresResult[];
  readonly sizes: readonly ScalingResult[];
  readonly populations: readonly PopulationResult[];
}
