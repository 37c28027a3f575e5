/** Tables of measured kernels: their columns, and what a row of each is here. */
import { z } from 'zod';
import { NUMBER_FORMATS, type NumberFormat } from '../numberFormats.js';
import type { AttentionShape, KernelBench } from './bench.js';

/** What a row measured. */
export interface Measured {
  readonly gpu: string;
  readonly precision: string;
  readonly framework: string;
  readonly timeUs: number;
}

/** What a table's rows take time for. */
export type KernelKind = 'products' | 'grouped products' | 'attention' | 'caches' | 'traffic' | 'collectives';

/** A table with one kind of rows. */
export interface KernelTable<Row = never> {
  readonly name: string;
  readonly kindOf: (row: Row) => KernelKind;
  readonly schema: z.ZodType<Row>;
  readonly columns: readonly string[];
  /** Columns that no table of this kind is without. */
  readonly needed: readonly string[];
  readonly measured: (row: Row) => Measured;
  /** Sizes that tell rows apart. */
  readonly idOf: (row: Row) => string;
  /** Time, us; a text says why there is none. */
  readonly predict: (row: Row, bench: KernelBench) => number | string;
}

const size = z.coerce.number().int().min(1);
const positive = z.coerce.number().positive();
/** What follows from others, or names what ran. */
const note = z.string().optional();

/** A table of one's own machine need not name it. */
const common = {
  gpu: z.string().default(''),
  framework: z.string().default(''),
  framework_version: note,
  time_us: positive,
};

/** Number formats as tables name them. Those that quantise weights alone have no row here. */
const PRECISIONS: Readonly<Record<string, NumberFormat>> = {
  ...NUMBER_FORMATS,
  'fp8 (1x128/128x128 scales), bf16 out': 'fp8Block',
  int8_sq: 'int8',
  sq: 'int8',
  smoothquant: 'int8',
};

/** The number format that a table calls so. */
export function formatOf(name: string): NumberFormat | undefined {
  return PRECISIONS[name];
}

/** A prediction in the row's format, if there is one. */
function inFormat(name: string, bench: KernelBench, predict: (precision: NumberFormat) => number): number | string {
  const precision = PRECISIONS[name];
  if (precision === undefined) return `no number format ${name}`;
  return bench.has(precision) ? predict(precision) : `no rates of ${precision}`;
}

/** Names of columns: all, and those that must be there. */
export function columnsOfShape(shape: z.ZodRawShape): Pick<KernelTable, 'columns' | 'needed'> {
  const columns = Object.keys(shape);
  const optional = (name: string): boolean => z.safeParse(shape[name]!, undefined).success;
  return { columns, needed: columns.filter((name) => !optional(name)) };
}

function table<Shape extends z.ZodRawShape>(
  name: string,
  shape: Shape,
  rest: Omit<KernelTable<z.output<z.ZodObject<Shape>>>, 'name' | 'schema' | 'columns' | 'needed'>,
): KernelTable {
  const whole = { name, schema: z.strictObject(shape), ...columnsOfShape(shape), ...rest };
  return whole as unknown as KernelTable;
}

const gemm = table(
  'matrix products',
  { ...common, kernel: note, precision: z.string(), m: size, n: size, k: size, tflops_per_s: note },
  {
    kindOf: () => 'products',
    measured: ({ gpu, precision, framework, time_us }) => ({ gpu, precision, framework, timeUs: time_us }),
    idOf: ({ m, n, k }) => `${m} × ${n} × ${k}`,
    // Both TensorRT-LLM and vLLM quantise the activations as they come; the weights are ready.
    predict: ({ m, n, k, precision }, bench) =>
      inFormat(precision, bench, (format) => bench.productUs({ m, n, k, precision: format, quantizes: true })),
  },
);

const grouped = table(
  'grouped matrix products',
  {
    gpu: z.string(),
    library: z.string(),
    precision: z.string(),
    kind: z.string(),
    groups: size,
    m_per_group: size,
    n: size,
    k: size,
    tflops_per_s: note,
    memory_gb_per_s: note,
    time_us: positive,
  },
  {
    kindOf: () => 'grouped products',
    measured: ({ gpu, library, kind, time_us }) => ({ gpu, precision: kind, framework: library, timeUs: time_us }),
    idOf: ({ groups, m_per_group, n, k }) => `${groups} of ${m_per_group} × ${n} × ${k}`,
    // Operands come quantised.
    predict: ({ precision, groups, m_per_group: rows, n, k }, bench) =>
      inFormat(precision, bench, (format) =>
        bench.productUs({ m: groups * rows, n, k, groups, precision: format, quantizes: false }),
      ),
  },
);

const attentionShape = { ...common, kernel: note, kv_precision: z.string(), batch: size, heads: size };
const isFp8 = (precision: string): boolean => precision === 'fp8';

/** TensorRT-LLM's attention splits and turns queries and keys, and writes the cache. */
function preparesUs(framework: string, values: number, bench: KernelBench): number {
  return framework === 'trtllm' ? bench.elementwiseUs(2 * 2 * values) : 0;
}

const context = table(
  'attention of prompts',
  {
    ...attentionShape,
    attention_precision: z.string(),
    pass: z.enum(['forward', 'backward']).default('forward'),
    seq_tokens: size,
    kv_heads: size,
    head_dim: size,
    causal_tflops_per_s: note,
  },
  {
    kindOf: () => 'attention',
    measured: ({ gpu, attention_precision, pass, framework, time_us }) => ({
      gpu,
      precision: pass === 'forward' ? attention_precision : `${attention_precision} ${pass}`,
      framework,
      timeUs: time_us,
    }),
    idOf: (row) => `${row.batch} × ${row.seq_tokens}, ${row.heads}/${row.kv_heads} heads of ${row.head_dim}`,
    predict: ({ batch, seq_tokens: tokens, heads, kv_heads: kvHeads, head_dim: dim, ...row }, bench) => {
      const fp8 = isFp8(row.attention_precision);
      if (fp8 && !bench.has('fp8')) return 'no rates of fp8';
      const shape = { batch, queries: tokens, keys: tokens, heads, kvHeads, keyDim: dim, valueDim: dim };
      const values = batch * tokens * dim * (heads + 2 * kvHeads);
      return bench.attentionUs(shape, fp8 ? 'fp8' : 'bf16', row.pass) + preparesUs(row.framework, values, bench);
    },
  },
);

const generation = table(
  'attention over a cache',
  {
    ...attentionShape,
    attention_precision: note,
    kv_tokens: size,
    kv_heads: size,
    head_dim: size,
    kv_read_gb_per_s: note,
  },
  {
    kindOf: () => 'caches',
    measured: ({ gpu, kv_precision, framework, time_us }) => ({
      gpu,
      precision: kv_precision,
      framework,
      timeUs: time_us,
    }),
    idOf: (row) => `${row.batch} × ${row.kv_tokens}, ${row.heads}/${row.kv_heads} heads of ${row.head_dim}`,
    predict: ({ batch, kv_tokens: keys, heads, kv_heads: kvHeads, head_dim: dim, kv_precision }, bench) => {
      const bytes = (isFp8(kv_precision) ? 1 : 2) * 2 * kvHeads * dim;
      return bench.cacheUs({ batch, queries: 1, keys, heads, kvHeads, keyDim: dim, valueDim: dim }, bytes);
    },
  },
);

/** DeepSeek's latent attention (arXiv 2412.19437): a latent of 512 and a rotated key of 64; heads of 128 + 64, values of 128. */
const LATENT = 512;
const ROTATED = 64;
const LATENT_HEAD = 128;

/** GPUs on which TensorRT-LLM has prompts of latent attention in half precision, whatever the cache: all before Hopper. */
const BEFORE_HOPPER = /^(a100|l40s)/;

/**
 * A prompt's queries, keys and values, each of its own heads. Before a cache in eight bits TensorRT-LLM quantises them and attends in
 * eight bits, too, on Hopper and Blackwell (mFP8ContextMLA, cpp/tensorrt_llm/common/attentionOp.cpp).
 */
function latentPromptUs(shape: AttentionShape, narrow: boolean, bench: KernelBench): number {
  if (!narrow) return bench.attentionUs(shape, 'bf16');
  const { batch, queries, keys, heads, keyDim, valueDim } = shape;
  const values = batch * heads * (queries * keyDim + keys * (keyDim + valueDim));
  return bench.attentionUs(shape, 'fp8') + bench.elementwiseUs((2 + 1) * values);
}

const latent = table(
  'latent attention',
  {
    ...common,
    phase: z.enum(['context', 'generation']),
    kv_precision: z.string(),
    batch: size,
    query_tokens: size,
    kv_tokens: size,
    heads: size,
  },
  {
    kindOf: ({ phase }) => (phase === 'generation' ? 'caches' : 'attention'),
    measured: ({ gpu, phase, kv_precision, framework, time_us }) => ({
      gpu,
      precision: `${phase} ${kv_precision}`,
      framework,
      timeUs: time_us,
    }),
    idOf: (row) => `${row.batch} × ${row.query_tokens} of ${row.kv_tokens}, ${row.heads} heads`,
    predict: ({ gpu, phase, kv_precision, batch, query_tokens: queries, kv_tokens: keys, heads }, bench) => {
      if (phase === 'generation') {
        const bytes = (isFp8(kv_precision) ? 1 : 2) * (LATENT + ROTATED);
        const shape = { batch, queries, keys, heads, kvHeads: 1, keyDim: LATENT + ROTATED, valueDim: LATENT };
        return bench.cacheUs(shape, bytes);
      }
      const dims = { keyDim: LATENT_HEAD + ROTATED, valueDim: LATENT_HEAD };
      const narrow = isFp8(kv_precision) && bench.has('fp8') && !BEFORE_HOPPER.test(gpu);
      return latentPromptUs({ batch, queries, keys, heads, kvHeads: heads, ...dims }, narrow, bench);
    },
  },
);

const quantization = table(
  'quantisation',
  { ...common, operation: z.string(), rows: size, columns: size, gb_per_s: note },
  {
    kindOf: () => 'traffic',
    measured: ({ gpu, operation, framework, time_us }) => ({ gpu, precision: operation, framework, timeUs: time_us }),
    idOf: ({ rows, columns }) => `${rows} × ${columns}`,
    // Scales are given: 2 bytes a value are read, 1 is written.
    predict: ({ rows, columns }, bench) => bench.streamUs(3 * rows * columns),
  },
);

/** Every table that `cosmic validate kernels` reads; each has columns that no other has. */
export const KERNEL_TABLES: readonly KernelTable[] = [gemm, grouped, context, generation, latent, quantization];
