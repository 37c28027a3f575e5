/** A measurement of inference, as a row of a CSV file describes it. */
import { z } from 'zod';

const count = z.coerce.number().int().min(1);
const positive = z.coerce.number().positive();

const shape = {
  id: z.string(),
  source: z.string(),
  /** Release of the program. */
  version: z.string().default(''),
  gpu: z.string(),
  gpus: count.optional(),
  /** Its public name. */
  model: z.string(),
  /** Of weights and products. */
  precision: z.string(),
  /** Of the cache of keys and values; by default as wide as `precision`. */
  kv_precision: z.string().optional(),
  tp: count.default(1),
  pp: count.default(1),
  ep: count.default(1),
  /** Data parallelism of attention. */
  dp: count.default(1),
  input_len: count.optional(),
  output_len: count.optional(),
  concurrency_or_batch: count.optional(),
  /** `fixed-batch`: one batch, read and answered as a whole; `min-latency`: until its first token; others have queues. */
  mode: z.string(),
  tokens_per_s_total: positive.optional(),
  tokens_per_s_per_gpu: positive.optional(),
  ttft_ms: positive.optional(),
  tpot_ms: positive.optional(),
  notes: z.string().default(''),
};

/** A row of `cosmic validate inference`. Empty cells are values that were not published. */
export const inferenceRow = z.strictObject(shape);
export type InferenceRow = z.infer<typeof inferenceRow>;
