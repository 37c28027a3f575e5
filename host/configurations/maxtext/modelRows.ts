/** The model in MaxText's settings: a name, or sizes (configs/base.yml; pyconfig.py, get_individual_scales). */
import { layerKinds } from '../../../psa/layerKinds.js';
import type { ModelPhase } from '../../../psa/space.js';
import { notExpressible } from '../../export/designValues.js';
import type { WrittenSetting } from '../configurationFile.js';
import type { Given } from '../given.js';
import { nameOfModel } from '../namedModels.js';
import { modelRow, type Row, written } from '../row.js';
import {
  EMBEDDING,
  EXPERT_MLP,
  EXPERTS,
  FORMAT,
  HEAD,
  KV_HEADS,
  LATER_TOKENS,
  LAYERS,
  MLP,
  MODEL_NAME,
  MODELS,
  QUERY_HEADS,
  SCALE,
  SEQ,
} from './settings.js';

/** What of a model sizes cannot say; undefined where there is nothing. */
function strange(model: ModelPhase): string | undefined {
  if (model.patch > 0) return 'a vision transformer';
  if (model.layerPattern !== '') return 'layers of one block each';
  if (model.expertLatent > 0) return 'experts of a latent width';
  if (!model.causal) return 'attention that looks ahead';
  if (model.parallelBlock) return 'attention and MLP beside one another';
  if (model.norms !== 2 || model.norm !== 'rms') return 'other norms than two of scales alone';
  if (model.embedDim !== model.hidden) return `a token table ${model.embedDim} wide`;
  if (model.qkNorm === 'full' || model.attentionGate) return 'norms or gates of all heads';
  if (model.attentionBias === 'all' || model.mlpBias) return 'biases of all products';
  if (layerKinds(model).some(({ window }) => window !== undefined)) return 'local layers';
  if (model.learnedPositions || model.dropout) return 'learned positions or dropout';
  if (model.kvRank > 0) return 'latent attention';
  return model.sharedFfn > 0 || model.leadingDense > 0 || model.mixtureEvery > 1
    ? 'dense parts of a mixture'
    : undefined;
}

/** A row that is written where no name says the model. */
function sizeRow(
  settings: readonly string[],
  targets: Row['targets'],
  read: Row['read'],
  write: (model: ModelPhase) => readonly WrittenSetting[],
): Row {
  return modelRow(settings, targets, read, (model) => (nameOfModel(MODELS, model) === undefined ? write(model) : []));
}

/** Doublings of the model's width, of heads and MLP, and of layers by the scale of all: by threes, heads and MLP first. */
function doublings(given: Given): { width: number; heads: number; layers: number } {
  const scale = given.count(SCALE, 1);
  const log = Math.log2(scale);
  if (!Number.isInteger(log)) throw given.error(SCALE, `${SCALE} is ${scale}`, 'write a power of two, or sizes');
  const layers = Math.floor(log / 3);
  return { width: layers + (log % 3 > 1 ? 1 : 0), heads: layers + (log % 3 > 0 ? 1 : 0), layers };
}

/** Layers of the model that the file gives sizes of, or of that which it names. */
export function layersOf(given: Given): number {
  return given.model?.layers ?? given.count(LAYERS, 16) * 2 ** doublings(given).layers;
}

const sizes = sizeRow(
  [EMBEDDING, QUERY_HEADS, KV_HEADS, LAYERS, HEAD, SCALE],
  ['model.hidden', 'model.heads', 'model.kvHeads', 'model.layers', 'model.headDim'],
  (given) => {
    const { width, heads } = doublings(given);
    return {
      'model.hidden': given.count(EMBEDDING, 2048) * 2 ** width,
      'model.heads': given.count(QUERY_HEADS, 16) * 2 ** heads,
      'model.kvHeads': given.count(KV_HEADS, 16) * 2 ** heads,
      'model.layers': layersOf(given),
      'model.headDim': given.count(HEAD, 128),
    };
  },
  (model) => {
    const cannot = strange(model);
    if (cannot !== undefined) throw notExpressible(cannot, FORMAT, 'choose another model by --model');
    return [
      written(EMBEDDING, model.hidden),
      written(QUERY_HEADS, model.heads),
      written(KV_HEADS, model.kvHeads),
      written(LAYERS, model.layers),
      written(HEAD, model.headDim),
    ];
  },
);

const name = modelRow(
  [MODEL_NAME],
  [],
  () => ({}),
  (model) => {
    const known = nameOfModel(MODELS, model)?.[0];
    return known === undefined ? [] : [written(MODEL_NAME, known)];
  },
);

const mixture = sizeRow(
  [
    MLP,
    EXPERTS,
    EXPERT_MLP,
    'num_experts_per_tok',
    'first_num_dense_layers',
    'shared_experts',
    'interleave_moe_layer_step',
  ],
  [
    ...(['model.ffn', 'model.denseFfn', 'model.experts', 'model.expertsPerToken'] as const),
    ...(['model.leadingDense', 'model.sharedFfn', 'model.mixtureEvery'] as const),
  ],
  (given) => {
    const dense = given.count(MLP, 7168) * 2 ** doublings(given).heads;
    const experts = given.count(EXPERTS, 1);
    if (experts === 1) return { 'model.ffn': dense };
    const own = given.count(EXPERT_MLP, dense);
    // Blocks of DeepSeek alone have experts for all tokens.
    const shared = given.text('decoder_block') === 'deepseek' ? given.whole('shared_experts', 1) : 0;
    return {
      'model.ffn': own,
      'model.denseFfn': dense,
      'model.experts': experts,
      'model.expertsPerToken': given.count('num_experts_per_tok', 1),
      'model.leadingDense': given.whole('first_num_dense_layers', 0),
      'model.sharedFfn': shared * own,
      'model.mixtureEvery': given.count('interleave_moe_layer_step', 1),
    };
  },
  (model) => {
    if (model.experts === 1) return [written(MLP, model.ffn)];
    const experts = [written(EXPERTS, model.experts), written('num_experts_per_tok', model.expertsPerToken)];
    return [written(MLP, model.ffn), written(EXPERT_MLP, model.ffn), ...experts];
  },
);

const ACTIVATIONS = 'mlp_activations';
/** Activations of the MLP's first products: one that is linear is multiplied by the other. */
const MLPS: Readonly<Record<string, string>> = {
  'silu linear': 'swiglu',
  'gelu linear': 'geglu',
  'relu linear': 'reglu',
  gelu: 'gelu',
  relu: 'relu',
  silu: 'silu',
};

function mlpOf(given: Given): string {
  const said = given.texts(ACTIVATIONS).join(' ').match(/\w+/g) ?? ['silu', 'linear'];
  const mlp = MLPS[said.join(' ')];
  if (mlp !== undefined) return mlp;
  throw given.error(
    ACTIVATIONS,
    `${ACTIVATIONS} is ${said.join(', ')}`,
    `choose among ${Object.keys(MLPS).join('; ')}`,
  );
}

const layer = sizeRow(
  [
    ACTIVATIONS,
    'vocab_size',
    'logits_via_embedding',
    'attention_bias',
    'use_qk_norm',
    'trainable_position_size',
    'decoder_block',
  ],
  [
    ...(['model.mlp', 'model.gated', 'model.vocab', 'model.tiedEmbeddings', 'model.attentionBias'] as const),
    ...(['model.qkNorm', 'model.learnedPositions', 'model.dropout', 'model.norm'] as const),
  ],
  (given) => {
    const mlp = mlpOf(given);
    return {
      'model.mlp': mlp,
      'model.gated': mlp.endsWith('glu'),
      'model.vocab': given.count('vocab_size', 32_000),
      'model.tiedEmbeddings': given.truth('logits_via_embedding', false),
      'model.attentionBias': given.truth('attention_bias', false) ? 'qkv' : 'none',
      'model.qkNorm': given.truth('use_qk_norm', false) ? 'head' : 'none',
      'model.learnedPositions': Number(given.text('trainable_position_size') ?? -1) > 0,
      'model.norm': 'rms',
      'model.dropout': false,
    };
  },
  (model) => {
    return [
      // Which activation it is takes no time and no memory.
      written(ACTIVATIONS, ...(model.gated ? ['silu', 'linear'] : ['relu'])),
      written('vocab_size', model.vocab),
      ...(model.tiedEmbeddings ? [written('logits_via_embedding', 'true')] : []),
      ...(model.attentionBias === 'qkv' ? [written('attention_bias', 'true')] : []),
      ...(model.qkNorm === 'head' ? [written('use_qk_norm', 'true')] : []),
    ];
  },
);

const KINDS = ['global', 'local_sliding', 'chunk', 'mla'] as const;
const KIND = 'attention_type';
const WINDOW = 'sliding_window_size';

/** Latent attention, and layers that look back over a window; sizes write neither. */
const attention = sizeRow(
  [
    KIND,
    WINDOW,
    'chunk_attn_window_size',
    'q_lora_rank',
    'kv_lora_rank',
    'qk_nope_head_dim',
    'qk_rope_head_dim',
    'v_head_dim',
  ],
  [
    ...(['model.window', 'model.queryRank', 'model.kvRank', 'model.ropeDim'] as const),
    ...(['model.headDim', 'model.valueDim'] as const),
  ],
  (given) => {
    const kind = given.choice<string>(KIND, Object.fromEntries(KINDS.map((one) => [one, one])), 'global');
    if (kind === 'local_sliding') return { 'model.window': given.whole(WINDOW, 0) };
    if (kind === 'chunk') return { 'model.window': given.whole('chunk_attn_window_size', 0) };
    if (kind === 'global') return {};
    const rope = given.count('qk_rope_head_dim', 64);
    return {
      'model.queryRank': given.whole('q_lora_rank', 0),
      'model.kvRank': given.count('kv_lora_rank', 512),
      'model.ropeDim': rope,
      'model.headDim': given.count('qk_nope_head_dim', 128) + rope,
      'model.valueDim': given.count('v_head_dim', 128),
    };
  },
  () => [],
);

const sequence = modelRow(
  [SEQ],
  ['model.seq'],
  (given) => ({ 'model.seq': given.count(SEQ, 2048) }),
  (model) => [written(SEQ, model.seq)],
);

const laterTokens = modelRow(
  [LATER_TOKENS],
  ['model.mtpLayers'],
  (given) => ({ 'model.mtpLayers': given.whole(LATER_TOKENS, 0) }),
  (model) => (model.mtpLayers > 0 ? [written(LATER_TOKENS, model.mtpLayers)] : []),
);

export const MODEL_ROWS: readonly Row[] = [name, sizes, attention, mixture, layer, sequence, laterTokens];

/** Settings that say sizes of a model, which a name goes before. */
export const SIZE_SETTINGS: readonly string[] = [sizes, attention, mixture, layer].flatMap(({ settings }) => settings);
