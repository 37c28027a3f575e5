import { z } from 'zod';

/** What the fields that others follow from are, once they are known. */
interface Known {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly ffn: number;
  readonly headDim: number;
  readonly vocab: number;
  readonly gated: boolean;
  readonly experts: number;
  readonly expertGroups: number;
  readonly seq: number;
  readonly mlp: Mlp;
  readonly learnedPositions: boolean;
  readonly stateRule: StateRule;
}

/** Gated ones end in `glu`; all of the others have two matrices. */
const MLPS = ['gelu', 'relu', 'relu2', 'silu', 'swiglu', 'geglu', 'reglu'] as const;
type Mlp = (typeof MLPS)[number];

/**
 * How layers with a state change it for a token: Mamba-2 (arXiv 2405.21060), lightning attention, whose decay is fixed (arXiv
 * 2501.08313), a gated delta rule (arXiv 2412.06464), and one that gates each channel of keys (arXiv 2510.26692).
 */
const STATE_RULES = ['mamba2', 'lightning', 'gatedDelta', 'kimiDelta'] as const;
export type StateRule = (typeof STATE_RULES)[number];

/** Do states forget what a key had, before they learn what it has? Its chunks are then products of 64 tokens in the kernels of today. */
export function hasDeltaRule(rule: StateRule): boolean {
  return rule === 'gatedDelta' || rule === 'kimiDelta';
}

/** What is said of a field of a model, once. */
interface FieldRow {
  /** What a file may say, with bounds; made where a file is checked. */
  readonly schema: () => z.ZodType<number | string | boolean>;
  readonly description: string;
  /** What it is where a file does not say: a value, or what follows from fields above it. Without it a file has to say. */
  readonly otherwise?: number | string | boolean | ((known: Known) => number | boolean);
}

/**
 * Models of today, whose MLPs have gates, tie their embeddings where the table is above a tenth of what the layers hold: Llama 3.2 1B
 * and 3B, Qwen 2.5 to 3B, Qwen3 to 4B, Gemma to 9B, Phi-4-mini do, Llama 3 8B, Qwen 2.5 7B, Qwen3 8B and Mistral do not.
 */
function isSmallAndGated({ layers, hidden, ffn, heads, kvHeads, headDim, gated, vocab, experts }: Known): boolean {
  const attention = 2 * hidden * headDim * (heads + kvHeads);
  return gated && 10 * vocab * hidden > layers * (attention + 3 * hidden * ffn * experts);
}

/** Bounds are far beyond any model, and keep whole numbers exact and all products finite in f32. */
const whole = (min: number, max: number) => () => z.int().min(min).max(max);

/** A letter for each layer of one block, two in brackets for each of a mixer and an MLP; empty where all have attention and an MLP. */
const LAYER_PATTERN = /^(?:[M*BE-]|\([M*B][E-]\)){0,1024}$/;

/** Does a text have a letter that is known for each layer, as Nemotron-H's configurations and Megatron-LM write them? */
export function isLayerPattern(text: string): boolean {
  return /^[M*E-]+$/.test(text) && LAYER_PATTERN.test(text);
}

/** The fields of a model file and of each of its phases; sizes in elements, batch in sequences. Fields follow from those above them. */
export const MODEL_FIELDS = {
  phase: {
    schema: () => z.enum(['training', 'prefill', 'decode']),
    otherwise: 'training',
    description: 'what is timed: a step of training, the reading of a prompt, or one token of the answer',
  },
  weight: {
    schema: () => z.number().min(1e-6).max(1e6),
    otherwise: 1,
    description: "factor of this phase's time in the workload's time (200 decoded tokens, the weight in an ensemble)",
  },
  layers: { schema: whole(1, 2 ** 20), description: 'transformer blocks, or layers by `layerPattern`' },
  layerPattern: {
    schema: () =>
      z.string().regex(LAYER_PATTERN, 'write M, *, B, - and E alone, a letter for each layer, or two in brackets'),
    otherwise: '',
    description:
      'layers one by one, again and again to the last: M a state by `stateRule`, * attention, B both abreast, - a dense MLP, E a mixture; a letter is a layer of that block alone, brackets hold a layer of both blocks, such as (ME); by default every layer has attention and an MLP',
  },
  hidden: { schema: whole(1, 2 ** 20), description: 'width of the residual stream' },
  ffn: { schema: whole(1, 2 ** 20), description: 'inner width of the MLP, of an expert in a mixture' },
  heads: { schema: whole(1, 2 ** 16), description: 'attention heads' },
  kvHeads: {
    schema: whole(1, 2 ** 16),
    otherwise: ({ heads }) => heads,
    description: 'heads of keys and values; fewer than `heads` (the default) with grouped-query attention',
  },
  headDim: {
    schema: () =>
      z
        .number()
        .min(1e-3)
        .max(2 ** 16),
    otherwise: ({ hidden, heads }) => hidden / heads,
    description: 'size of a head of queries and keys; by default `hidden` over `heads`',
  },
  valueDim: {
    schema: () =>
      z
        .number()
        .min(1e-3)
        .max(2 ** 16),
    otherwise: ({ headDim }) => headDim,
    description: 'size of a head of values; by default `headDim`',
  },
  queryRank: {
    schema: whole(0, 2 ** 20),
    otherwise: 0,
    description: 'latent attention: width that queries are pressed to, 0 where they are made in one product',
  },
  kvRank: {
    schema: whole(0, 2 ** 20),
    otherwise: 0,
    description: 'latent attention: width that keys and values are pressed to and cached at; 0 without it',
  },
  ropeDim: {
    schema: whole(0, 2 ** 16),
    otherwise: 0,
    description: 'latent attention: the part of `headDim` that is rotated, whose key all heads share',
  },
  window: {
    schema: whole(0, 2 ** 24),
    otherwise: 0,
    description: 'tokens that a local layer looks back over; 0: all layers look at everything',
  },
  globalEvery: {
    schema: whole(0, 2 ** 20),
    otherwise: 0,
    description: 'with `window`: each so many-th layer looks at everything all the same; 0: none does',
  },
  stateRule: {
    schema: () => z.enum(STATE_RULES),
    otherwise: 'mamba2',
    description:
      'how layers with a state change it: as Mamba-2, as lightning attention (a fixed decay), by a gated delta rule, or by one that gates each channel of keys (Kimi Delta Attention)',
  },
  stateHeads: {
    schema: whole(0, 2 ** 16),
    otherwise: 0,
    description: 'heads of a layer with a state, of values in linear attention; 0 without such layers',
  },
  stateHeadDim: {
    schema: whole(1, 2 ** 16),
    otherwise: 64,
    description: 'size of such a head, of values in linear attention',
  },
  stateDim: {
    schema: whole(1, 2 ** 16),
    otherwise: 128,
    description: 'size of the state of each of its channels: in linear attention of a head of keys',
  },
  stateGroups: {
    schema: whole(1, 2 ** 16),
    otherwise: 1,
    description:
      'groups of its heads that share what is written into states and read out of them, heads of keys in linear attention, which tp splits',
  },
  stateConvolution: {
    schema: whole(0, 2 ** 10),
    otherwise: ({ stateRule }) => (stateRule === 'lightning' ? 0 : 4),
    description: 'tokens that its convolution looks at, each channel by itself; 0 (lightning) without one',
  },
  stateChunk: {
    schema: whole(1, 2 ** 20),
    otherwise: ({ stateRule }) => (hasDeltaRule(stateRule) ? 64 : 256),
    description:
      'tokens of a chunk, within which it works by products; states are passed from chunk to chunk; by default 256, with a delta rule 64',
  },
  stateGateRank: {
    schema: whole(0, 2 ** 20),
    otherwise: 0,
    description: 'kimiDelta: width that its gates are pressed to, 0 where they are made in one product',
  },
  attentionBias: {
    schema: () => z.enum(['none', 'qkv', 'all']),
    otherwise: 'none',
    description:
      'products of attention that add a bias: none, those of queries, keys and values, or the projection too',
  },
  qkNorm: {
    schema: () => z.enum(['none', 'head', 'full']),
    otherwise: 'none',
    description: 'norms of queries and keys: none, one head wide that all heads share, or as wide as all heads',
  },
  attentionGate: {
    schema: () => z.boolean(),
    otherwise: false,
    description:
      'queries come with gates, one for each value of the heads, that outputs of attention are multiplied by',
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
    schema: () => z.boolean(),
    otherwise: true,
    description: 'attention looks backwards only, so half of the scores are skipped',
  },
  vocab: {
    schema: whole(0, 2 ** 24),
    otherwise: 0,
    description: 'entries of the token table, 0 for a patch embedding',
  },
  embedDim: {
    schema: whole(1, 2 ** 20),
    otherwise: ({ hidden }) => hidden,
    description: 'width of the token table, where products lead to `hidden` and back to the head; by default `hidden`',
  },
  vocabMultiple: {
    schema: whole(1, 2 ** 20),
    otherwise: 1,
    description: 'the token table is padded to a multiple of this, as Megatron-LM pads it to one of 128 · tp',
  },
  patch: {
    schema: whole(0, 2 ** 24),
    otherwise: 0,
    description: 'inputs of a patch embedding (patch side² × channels), 0 for token models',
  },
  classes: { schema: whole(0, 2 ** 24), otherwise: 0, description: 'classes of the head of an image model' },
  mlp: {
    schema: () => z.enum(MLPS),
    description:
      'two matrices, or three with a gate; GPT-style models (`gelu`) drop and learn positions, the others do not',
  },
  gated: {
    schema: () => z.boolean(),
    otherwise: ({ mlp }) => mlp.endsWith('glu'),
    description: 'the MLP has a gate beside its first product, three matrices in all; by default with names in `glu`',
  },
  mlpBias: {
    schema: () => z.boolean(),
    otherwise: false,
    description: 'the products of the MLP and its experts add a bias',
  },
  parallelBlock: {
    schema: () => z.boolean(),
    otherwise: false,
    description: 'attention and MLP read the same input and are added to it together, with one reduction over tp',
  },
  norm: {
    schema: () => z.enum(['rms', 'layer']),
    otherwise: 'rms',
    description: 'weights of a norm: a scale, or a scale and a shift',
  },
  norms: {
    schema: whole(1, 8),
    otherwise: 2,
    description: 'norms of a layer as wide as `hidden`: 2, with those behind attention and MLP 4',
  },
  dropout: {
    schema: () => z.boolean(),
    otherwise: ({ mlp }) => mlp === 'gelu',
    description:
      'residual branches and attention probabilities are dropped in training, so their masks are kept; by default with `gelu`',
  },
  learnedPositions: {
    schema: () => z.boolean(),
    otherwise: ({ mlp }) => mlp === 'gelu',
    description:
      'positions are a table of their own, of `seq` rows, else rotations without parameters; by default with `gelu`',
  },
  positions: {
    schema: whole(0, 2 ** 24),
    otherwise: ({ learnedPositions, seq }) => (learnedPositions ? seq : 0),
    description: 'rows of the table of learned positions; by default `seq`, or 0 without one',
  },
  experts: { schema: whole(1, 2 ** 16), otherwise: 1, description: 'experts of a mixture, 1 for a dense model' },
  expertsPerToken: { schema: whole(1, 2 ** 16), otherwise: 1, description: 'experts that a token is sent to' },
  expertGroups: {
    schema: whole(1, 2 ** 16),
    otherwise: 1,
    description: 'groups of as many experts each, of which a token goes to some only; 1: it goes to experts anywhere',
  },
  groupsPerToken: {
    schema: whole(1, 2 ** 16),
    otherwise: ({ expertGroups }) => expertGroups,
    description: 'groups of experts that a token may be sent to; by default all',
  },
  neighbouringExperts: {
    schema: () => z.boolean(),
    otherwise: false,
    description:
      "a token's experts are neighbours, those of the next token begin behind them, as where benchmarks balance experts without a router; its groups do not count then",
  },
  sharedFfn: {
    schema: whole(0, 2 ** 20),
    otherwise: 0,
    description: 'inner width of the experts that all tokens go through beside those, together; 0: none',
  },
  expertLatent: {
    schema: whole(0, 2 ** 20),
    otherwise: 0,
    description: 'width that tokens are pressed to on their way to experts, which work in it; 0: `hidden`',
  },
  leadingDense: {
    schema: whole(0, 2 ** 20),
    otherwise: 0,
    description: 'first layers of a mixture that have a dense MLP',
  },
  mixtureEvery: {
    schema: whole(1, 2 ** 20),
    otherwise: 1,
    description: 'behind these each so many-th layer is a mixture, the others have a dense MLP',
  },
  denseFfn: {
    schema: whole(1, 2 ** 20),
    otherwise: ({ ffn }) => ffn,
    description: 'inner width of the MLP in the dense layers of a mixture; by default `ffn`',
  },
  mtpLayers: {
    schema: whole(0, 64),
    otherwise: 0,
    description: 'further layers that predict a later token in training, each with a pass through the head',
  },
  tiedEmbeddings: {
    schema: () => z.boolean(),
    otherwise: isSmallAndGated,
    description:
      "the head's weights are the token table; apart from it on a last pipeline stage of its own, as a copy; by default with gated MLPs whose model's table is above a tenth of its layers",
  },
  batch: { schema: whole(1, 2 ** 20), description: 'sequences of a step, over all NPUs' },
} as const satisfies Readonly<Record<string, FieldRow>>;

export type ModelFieldName = keyof typeof MODEL_FIELDS;

/** Every field with its value. */
export type ModelFields = {
  readonly [Name in ModelFieldName]: z.output<ReturnType<(typeof MODEL_FIELDS)[Name]['schema']>>;
};

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
