/** A run that was measured, as a row of a CSV file describes it. */
import { z } from 'zod';
import { CosmicError } from '../../../psa/errors.js';

const count = z.coerce.number().int().min(1);
const flag = z.enum(['0', '1']).transform((text) => text === '1');

/** What tables of training runs and of memory have in common. */
export const runShape = {
  id: z.string(),
  source: z.string(),
  gpus: count,
  hidden: count,
  ffn: count,
  layers: count,
  heads: count,
  /** Heads of keys and values; as many as heads unless given. */
  kv_heads: count.optional(),
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
  /** Named for people: either has 2 bytes a value. */
  precision: z.enum(['fp16', 'bf16']).optional(),
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

export function fillsGpus({ gpus, tp, pp, dp, cp = 1 }: Degrees): boolean {
  return tp * pp * dp * cp === gpus;
}

export const FILLS_GPUS = { error: 'make tp × pp × dp × cp the number of GPUs' };

/** A row of `cosmic validate measured`: one training step. Empty cells are values that were not published. */
export const trainingRow = z.strictObject(trainingShape).refine(fillsGpus, FILLS_GPUS);
export type TrainingRow = z.infer<typeof trainingRow>;

export type TrainingColumn = keyof TrainingRow;
export const trainingColumns = Object.keys(trainingShape) as TrainingColumn[];

/** A row of `cosmic validate memory`: memory of the first pipeline stage's GPU, GiB. */
export const memoryRow = z
  .strictObject({
    ...runShape,
    parameter_and_optimizer_gib: z.coerce.number().positive(),
    activation_gib: z.coerce.number().positive(),
  })
  .refine(fillsGpus, FILLS_GPUS);
export type MemoryRow = z.infer<typeof memoryRow>;

type Run = Omit<MemoryRow, 'parameter_and_optimizer_gib' | 'activation_gib'> & {
  readonly cp?: number | undefined;
  readonly weight_sharding?: string | undefined;
};

/** The overrides that make a system's default design this run; what it leaves open stays the system's. */
export function overridesOf(run: Run): string[] {
  const set = [
    `system.npus=${run.gpus}`,
    // One head of keys and values divides any number of heads, until there are as many as are meant.
    'model.kvHeads=1',
    `model.heads=${run.heads}`,
    `model.kvHeads=${run.kv_heads ?? run.heads}`,
    ...(['hidden', 'ffn', 'layers', 'seq', 'vocab'] as const).map((field) => `model.${field}=${run[field]}`),
    ...(['tp', 'pp', 'dp'] as const).map((axis) => `workload.${axis}=${run[axis]}`),
    `workload.sp=${run.cp ?? 1}`,
    `workload.batch=${run.global_batch}`,
    `workload.sequenceParallel=${run.sequence_parallel ? 'on' : 'off'}`,
  ];
  if (run.weight_sharding !== undefined) set.push(`workload.weightSharding=${run.weight_sharding}`);
  if (run.micro_batch !== undefined) set.push(`workload.microBatch=${run.micro_batch}`);
  if (run.recompute !== undefined) set.push(`workload.recomputation=${run.recompute}`);
  if (run.virtual_stages !== undefined) {
    set.push(`workload.virtualStages=${run.virtual_stages}`);
    set.push(`workload.pipelineSchedule=${run.virtual_stages > 1 ? 'interleaved' : '1f1b'}`);
  }
  return set;
}

/** What is tried where a row leaves it open: no override has a say in it. */
const TRIED = [
  'workload.microBatch',
  'workload.recomputation',
  'workload.virtualStages',
  'workload.pipelineSchedule',
] as const;

/**
 * Refuses overrides that a row decides, which would be lost.
 *
 * @throws CosmicError ARGUMENT
 */
export function checkOverrides(set: readonly string[], run: Run, id: string): void {
  const nameOf = (assignment: string) => assignment.split('=')[0]!.trim();
  const decided = new Set<string>([...overridesOf(run).map(nameOf), ...TRIED]);
  const lost = set.find((assignment) => decided.has(nameOf(assignment)));
  if (lost === undefined) return;
  throw new CosmicError('ARGUMENT', `${nameOf(lost)} is what each row decides, such as ${id}`, {
    file: `--set ${lost}`,
    remedy: 'leave the override out, and write the value into the file',
  });
}
