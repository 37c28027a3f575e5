/** A run that was measured, as a row of a CSV file describes it. */
import { z } from 'zod';

const count = z.coerce.number().int().min(1);
const flag = z.enum(['0', '1']).transform((text) => text === '1');

/** What tables of training runs and of memory have in common. */
const runShape = {
  id: z.string(),
  source: z.string(),
  gpus: count,
  hidden: count,
  ffn: count,
  layers: count,
  heads: count,
  seq: count,
  vocab: count,
  tp: count,
  pp: count,
  dp: count,
  global_batch: count,
  micro_batch: count.optional(),
  virtual_stages: count.optional(),
  recompute: z.enum(['none', 'selective', 'full']).optional(),
  sequence_parallel: flag.default(false),
};

/** Context (sequence) parallel degree, and whether the data-parallel group shards its state. */
const trainingShape = {
  ...runShape,
  gpu: z.string(),
  cp: count.default(1),
  weight_sharding: z.enum(['none', 'zero1', 'zero3']).default('none'),
  iteration_s: z.coerce.number().positive(),
};

interface Degrees {
  readonly gpus: number;
  readonly tp: number;
  readonly pp: number;
  readonly dp: number;
  readonly cp?: number;
}

function fillsGpus({ gpus, tp, pp, dp, cp = 1 }: Degrees): boolean {
  return tp * pp * dp * cp === gpus;
}

const FILLS_GPUS = { error: 'make tp × pp × dp × cp the number of GPUs' };

/** A row of `cosmic validate measured`: one training step. Empty cells are values that were not published. */
export const trainingRow = z.object(trainingShape).refine(fillsGpus, FILLS_GPUS);
export type TrainingRow = z.infer<typeof trainingRow>;

export type TrainingColumn = keyof TrainingRow;
export const trainingColumns = Object.keys(trainingShape) as TrainingColumn[];

/** A row of `cosmic validate memory`: memory of the first pipeline stage's GPU, GiB. */
export const memoryRow = z
  .object({
    ...runShape,
    parameter_and_optimizer_gib: z.coerce.number().positive(),
    activation_gib: z.coerce.number().positive(),
  })
  .refine(fillsGpus, FILLS_GPUS);
export type MemoryRow = z.infer<typeof memoryRow>;

type Run = Omit<MemoryRow, 'parameter_and_optimizer_gib' | 'activation_gib'> & { readonly cp?: number };

/** The overrides that make a system's default design this run; what it leaves open stays the system's. */
export function overridesOf(run: Run, nodeGpus: number): string[] {
  const inner = Math.min(run.gpus, nodeGpus);
  const set = [
    `system.npus=${run.gpus}`,
    `network.npus[0]=${inner}`,
    `network.npus[1]=${run.gpus / inner}`,
    // One head of keys and values divides any number of heads, until there are as many.
    'model.kvHeads=1',
    `model.heads=${run.heads}`,
    `model.kvHeads=${run.heads}`,
    ...(['hidden', 'ffn', 'layers', 'seq', 'vocab'] as const).map((field) => `model.${field}=${run[field]}`),
    ...(['tp', 'pp', 'dp'] as const).map((axis) => `workload.${axis}=${run[axis]}`),
    `workload.sp=${run.cp ?? 1}`,
    `workload.batch=${run.global_batch}`,
    `workload.sequenceParallel=${run.sequence_parallel ? 'on' : 'off'}`,
  ];
  if (run.micro_batch !== undefined) set.push(`workload.microBatch=${run.micro_batch}`);
  if (run.recompute !== undefined) set.push(`workload.recomputation=${run.recompute}`);
  if (run.virtual_stages !== undefined) {
    set.push(`workload.virtualStages=${run.virtual_stages}`);
    set.push(`workload.pipelineSchedule=${run.virtual_stages > 1 ? 'interleaved' : '1f1b'}`);
  }
  return set;
}
