/** A run that was measured, as a row of a CSV file describes it. */
import { z } from 'zod';
import { CosmicError } from '../../../psa/errors.js';

const count = z.coerce.number().int().min(1);
const whole = z.coerce.number().int().min(0);
const positive = z.coerce.number().positive();
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

/** Number formats of products as sources name them: fp8 by delayed, current, row-wise or block scaling, or not said how. */
export const PRECISIONS = [
  ...['fp32', 'fp16', 'bf16', 'fp8', 'fp8-ds', 'fp8-cs', 'fp8-rowwise', 'fp8-block', 'mxfp8', 'nvfp4', 'int8'],
] as const;

/** What a run of today has besides: its model may have been left out, and then it cannot be expressed. */
export const trainingShape = {
  ...runShape,
  hidden: count.optional(),
  ffn: count.optional(),
  layers: count.optional(),
  heads: count.optional(),
  vocab: count.optional(),
  /** As the framework does where nothing is said. */
  sequence_parallel: flag.optional(),
  gpu: z.string(),
  /** Context (sequence) parallel degree. */
  cp: count.default(1),
  /** What of the state the data-parallel group shards; what the program does by itself where nothing is said. */
  weight_sharding: z.enum(['none', 'zero1', 'zero2', 'zero3']).optional(),
  precision: z.enum(PRECISIONS).optional(),
  iteration_s: positive.optional(),
  model: z.string().optional(),
  experts: count.optional(),
  top_k: count.optional(),
  expert_ffn: count.optional(),
  /** Expert parallel degree, and tensor parallel degree of experts. */
  ep: count.optional(),
  etp: count.optional(),
  /** 0: no; 1: over the whole data-parallel group; n: over n ranks, replicated outside. */
  fsdp: whole.optional(),
  attention: z.enum(['mha', 'gqa', 'mqa', 'mla']).optional(),
  mlp: z.enum(['gelu', 'relu', 'relu2', 'silu', 'swiglu', 'geglu', 'reglu']).optional(),
  tied: flag.optional(),
  head_dim: positive.optional(),
  /** Layers that are mixtures, and experts that all tokens go through. */
  moe_layers: whole.optional(),
  shared_experts: whole.optional(),
  tokens_per_s_per_gpu: positive.optional(),
  tflops_per_gpu_reported: positive.optional(),
  flop_convention: z.string().optional(),
  framework_version: z.string().default(''),
  url_or_repo_path: z.string().optional(),
  notes: z.string().default(''),
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
    parameter_and_optimizer_gib: positive,
    activation_gib: positive,
  })
  .refine(fillsGpus, FILLS_GPUS);
export type MemoryRow = z.infer<typeof memoryRow>;

/** Refuses what a row says and nothing here can be. */
export function refuse(reason: string): never {
  throw new CosmicError('VALUE_OUT_OF_RANGE', reason, { remedy: 'write what was published into the row' });
}
