/** What programs did whose memory was published, beyond what a row says: one set of values each. */
import type { Place } from '../../../psa/document.js';
import { CosmicError } from '../../../psa/errors.js';

export interface MemorySoftware {
  /** Start of the column `source`. */
  readonly source: string;
  readonly name: string;
  /** Parameters, as `--set` takes them. */
  readonly set: readonly string[];
  /** Of runs whose row names none. */
  readonly weightSharding: 'none' | 'zero1';
  /** Are stages balanced with the head as so many layers as it has FLOPs? */
  readonly balancesHead?: true;
  /** Was the memory allocated read at its peak, or between two steps? */
  readonly allocated: 'peak' | 'betweenSteps';
}

/** PyTorch's caching allocator keeps about a fifth more of what comes and goes than is allocated of it at once. */
const ALLOCATOR = 'compute.allocatorSlack=0.2';

const SOFTWARE: readonly MemorySoftware[] = [
  {
    source: 'HF nanotron',
    name: 'nanotron',
    // Its src/nanotron: half-precision gradients in the buckets of DistributedDataParallel beside those that are summed in single
    // precision; ZeRO-1 that gathers updated parameters through flat buffers; a memory buffer for each of two gathers; LlamaConfig
    // with rotations and SwiGLU out of place; logits in single precision. TP reduce-scatters. Workspace and slack: fitted.
    set: [
      'workload.attention=fused',
      'workload.sequenceParallel=on',
      'workload.loss=plain',
      'workload.rotaryKernel=unfused',
      'workload.activationKernel=unfused',
      'workload.bucketBytes=2',
      'workload.updateBufferBytes=2',
      'workload.gatherBuffers=2',
      'compute.workspaceGB=0.07',
      ALLOCATOR,
    ],
    balancesHead: true,
    weightSharding: 'none',
    allocated: 'betweenSteps',
  },
  {
    // arXiv 2311.05610, section 3: ZeRO-1 throughout.
    source: 'Aleph Alpha',
    name: 'AA-Scaling',
    // Logits are gathered, SwiGLU is out of place; norms are too, without the kernel that rows name. Gradients in half precision.
    set: ['workload.loss=gathered', 'workload.activationKernel=unfused', 'workload.mainGradientBytes=2', ALLOCATOR],
    weightSharding: 'zero1',
    allocated: 'peak',
  },
  {
    source: 'MooreThreads/SimuMax',
    name: 'Megatron-Core with Transformer Engine',
    // Its distributed optimiser and sequence parallelism; expert parallelism as in the rows.
    set: [
      'workload.attention=fused',
      'workload.sequenceParallel=on',
      'workload.weightGradientBuffers=on',
      'workload.combineKernel=unfused',
      'compute.workspaceGB=0.1',
      ALLOCATOR,
    ],
    weightSharding: 'zero1',
    allocated: 'peak',
  },
];

/** @throws CosmicError SCHEMA where nothing is known of a source's program */
export function softwareOf(source: string, place: Place): MemorySoftware {
  const known = SOFTWARE.find((one) => source.startsWith(one.source));
  if (known !== undefined) return known;
  throw new CosmicError('SCHEMA', `the program of the source '${source}' is not known`, {
    ...place,
    remedy: `use one of ${SOFTWARE.map((one) => one.source).join(', ')}`,
  });
}

/** Systems by the kinds of GPUs in columns; of memory alone, so a B200 is an H100 with more of it. */
const MACHINES: Readonly<Record<string, { readonly system: string; readonly set: readonly string[] }>> = {
  'a100-80g': { system: 'dgx-a100', set: [] },
  'h100-80g': { system: 'dgx-h100', set: [] },
  // 183,359 MiB, as nvidia-smi reports them.
  'b200-180g': { system: 'dgx-h100', set: ['compute.memoryCapacityGB=192.3'] },
};

/** @throws CosmicError SCHEMA where no system stands for a GPU */
export function memoryMachine(gpu: string, place: Place): { system: string; set: readonly string[] } {
  const known = MACHINES[gpu];
  if (known !== undefined) return known;
  throw new CosmicError('SCHEMA', `there is no system with the memory of '${gpu}'`, {
    ...place,
    remedy: `use one of ${Object.keys(MACHINES).join(', ')}`,
  });
}
