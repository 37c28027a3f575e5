import { z } from 'zod';

/** What the fields that others follow from are, once they are known. */
interface Known {
  readonly hidden: number;
  readonly heads: number;
  readonly mlp: 'gelu' | 'swiglu';
}

/** What is said of a field of a model, once. */
interface FieldRow {
  /** What a file may say, with bounds. */
  readonly schema: z.ZodType<number | string | boolean>;
  readonly description: string;
  /** What it is where a file does not say: a value, or what follows from fields above it. Without it a file has to say. */
  readonly otherwise?: number | string | boolean | ((known: Known) => number | boolean);
}

/** Bounds are far beyond any model, and keep whole numbers exact and all products finite in f32. */
const whole = (min: number, max: number) => z.int().min(min).max(max);

/** The fields of a model file and of each of its phases; sizes in elements, batch in sequences. Fields follow from those above them. */
export const MODEL_FIELDS = {
  phase: {
    schema: z.enum(['training', 'prefill', 'decode']),
    otherwise: 'training',
    description: 'what is timed: a step of training, the reading of a prompt, or one token of the answer',
  },
  weight: {
    schema: z.number().min(1e-6).max(1e6),
    otherwise: 1,
    description: "factor of this phase's time in the workload's time (200 decoded tokens, the weight in an ensemble)",
  },
  layers: { schema: whole(1, 2 ** 20), description: 'transformer blocks' },
  hidden: { schema: whole(1, 2 ** 20), description: 'width of the residual stream' },
  ffn: { schema: whole(1, 2 ** 20), description: 'inner width of the MLP, of an expert in a mixture' },
  heads: { schema: whole(1, 2 ** 16), description: 'attention heads' },
  kvHeads: {
    schema: whole(1, 2 ** 16),
    otherwise: ({ heads }) => heads,
    description: 'heads of keys and values; fewer than `heads` (the default) with grouped-query attention',
  },
  headDim: {
    schema: z
      .number()
      .min(1e-3)
      .max(2 ** 16),
    otherwise: ({ hidden, heads }) => hidden / heads,
    description: 'size of a head; by default `hidden` over `heads`',
  },
  seq: {
    schema: whole(1, 2 ** 24),
    description: 'tokens that one sequence brings to this phase; always 1 in decode',
  },
  context: {
    schema: whole(1, 2 ** 24),
    description: 'decode: tokens in the cache, by default `seq`; elsewhere attention looks at `seq`',
  },
  causal: {
    schema: z.boolean(),
    otherwise: true,
    description: 'attention looks backwards only, so half of the scores are skipped',
  },
  vocab: {
    schema: whole(0, 2 ** 24),
    otherwise: 0,
    description: 'entries of the token table, 0 for a patch embedding',
  },
  patch: {
    schema: whole(0, 2 ** 24),
    otherwise: 0,
    description: 'inputs of a patch embedding (patch side² × channels), 0 for token models',
  },
  classes: { schema: whole(0, 2 ** 24), otherwise: 0, description: 'classes of the head of an image model' },
  mlp: {
    schema: z.enum(['gelu', 'swiglu']),
    description:
      'two matrices, or three with a gate; GPT-style models drop and learn positions, those like Llama do not',
  },
  gated: {
    schema: z.boolean(),
    otherwise: ({ mlp }) => mlp === 'swiglu',
    description: 'the MLP has a gate beside its first product, three matrices in all; by default with `swiglu`',
  },
  dropout: {
    schema: z.boolean(),
    otherwise: ({ mlp }) => mlp === 'gelu',
    description:
      'residual branches and attention probabilities are dropped in training, so their masks are kept; by default with `gelu`',
  },
  learnedPositions: {
    schema: z.boolean(),
    otherwise: ({ mlp }) => mlp === 'gelu',
    description:
      'positions are a table of their own, of `seq` rows, else rotations without parameters; by default with `gelu`',
  },
  experts: { schema: whole(1, 2 ** 16), otherwise: 1, description: 'experts of a mixture, 1 for a dense model' },
  expertsPerToken: { schema: whole(1, 2 ** 16), otherwise: 1, description: 'experts that a token is sent to' },
  batch: { schema: whole(1, 2 ** 20), description: 'sequences of a step, over all NPUs' },
} as const satisfies Readonly<Record<string, FieldRow>>;

export type ModelFieldName = keyof typeof MODEL_FIELDS;

/** Every field with its value. */
export type ModelFields = { readonly [Name in ModelFieldName]: z.output<(typeof MODEL_FIELDS)[Name]['schema']> };

/** The fields that a file gives. */
export type GivenFields = { readonly [Name in ModelFieldName]?: ModelFields[Name] | undefined };

export const modelFieldNames = Object.keys(MODEL_FIELDS) as readonly ModelFieldName[];

/** A decoded token is one token, and only decoding has a cache of another length. */
function sequenceOf({ phase, seq, context }: GivenFields): GivenFields {
  return phase === 'decode' ? { seq: 1, context: context ?? seq } : { seq, context: seq };
}

/**
 * Every field, of those that a file gives.
 *
 * @param missing makes the error for a field that has to be given
 */
export function completeFields(given: GivenFields, missing: (field: ModelFieldName) => Error): ModelFields {
  const all = { ...given, ...sequenceOf(given) };
  const known: Record<string, unknown> = {};
  for (const name of modelFieldNames) {
    const { otherwise }: FieldRow = MODEL_FIELDS[name];
    const fallback = typeof otherwise === 'function' ? otherwise(known as unknown as Known) : otherwise;
    const value = all[name] ?? fallback;
    if (value === undefined) throw missing(name);
    known[name] = value;
  }
  return known as unknown as ModelFields;
}
