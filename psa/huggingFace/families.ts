/**
 * Families of models that Hugging Face's transformers knows, by `model_type`: what their class takes where a file does not say,
 * what its code does that no field says, and how fields map. Read from the configuration and modelling files of
 * https://github.com/huggingface/transformers.
 */
import type { GivenFields } from '../modelFields.js';
import { heads, mixture, mlpOf, windows } from './common.js';
import type { Config } from './config.js';
import { bailingLinear, kimiLinear, minimax, qwenNext, qwenNextDense } from './linearHybrids.js';
import { nemotronH } from './nemotronH.js';
import { bamba, falconH1, graniteHybrid } from './pairedHybrids.js';
import {
  chatglm,
  cohere,
  dbrx,
  deepseek,
  exaone4,
  falcon,
  gpt,
  gptNeo,
  gptOss,
  llama,
  llama4,
  mimo,
  mpt,
  opt,
  qwen,
  qwenMixture,
  sharedMixture,
  stablelm,
  vit,
} from './readers.js';
import { bailing, ernieMixture, hunyuanMixture } from './sharedMixtures.js';

export interface Family {
  /** What the class takes where a file leaves a field out. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  readonly read: (c: Config) => GivenFields;
}

const SILU = { hidden_act: 'silu' } as const;
const UNTIED = { ...SILU, tie_word_embeddings: false } as const;
const TIED = { ...SILU, tie_word_embeddings: true } as const;
const GEMMA = { tie_word_embeddings: true, hidden_activation: 'gelu_pytorch_tanh', head_dim: 256 } as const;

const MAMBA_2 = {
  mamba_n_heads: 128,
  mamba_d_head: 'auto',
  mamba_d_state: 256,
  mamba_n_groups: 1,
  mamba_d_conv: 4,
  mamba_expand: 2,
  mamba_chunk_size: 256,
} as const;

const GATED_DELTA = {
  head_dim: 256,
  linear_conv_kernel_dim: 4,
  linear_key_head_dim: 128,
  linear_value_head_dim: 128,
  linear_num_key_heads: 16,
  linear_num_value_heads: 32,
} as const;

/** Adds to what a family reads. */
function adding(
  read: (c: Config) => GivenFields,
  more: GivenFields | ((c: Config, fields: GivenFields) => GivenFields),
) {
  return (c: Config): GivenFields => {
    const fields = read(c);
    return { ...fields, ...(typeof more === 'function' ? more(c, fields) : more) };
  };
}

const mixtureOfFfn = (c: Config, { ffn: width }: GivenFields): GivenFields => mixture(c, width!, width!);

/** MiniMax lists the kinds of its layers: 1 for attention, 0 for one with a state. */
function everyLayerAttends(c: Config): GivenFields {
  if ((c.list('attn_type_list') ?? []).every((kind) => kind === 1)) return {};
  throw c.error('attn_type_list', 'some layers have no attention', 'choose a model with attention in every layer');
}

/** MiniMax-M2 has no MLP beside its experts: files that say how wide one would be give no width to the shared one. */
function minimaxShared(c: Config): GivenFields {
  c.value('mlp_intermediate_size', 'shared_moe_mode');
  return { sharedFfn: c.optional('shared_intermediate_size') ?? 0 };
}

/** Glm's attention has a bias on queries, keys and values alone. */
const QKV_BIAS = ({ attentionBias }: GivenFields): GivenFields =>
  attentionBias === 'all' ? { attentionBias: 'qkv' } : {};

/** Seed-OSS has a switch of its own for the bias of attention's last product. */
const withoutOutputBias = (c: Config, fields: GivenFields): GivenFields =>
  c.flag('attention_out_bias') ? {} : QKV_BIAS(fields);

export const FAMILIES: Readonly<Record<string, Family>> = {
  llama: { defaults: UNTIED, read: llama },
  llama4: { defaults: { ...UNTIED, head_dim: 128, attention_chunk_size: 8192 }, read: llama4 },
  mistral: { defaults: { ...UNTIED, sliding_window: 4096 }, read: adding(llama, (c) => windows(c, 0)) },
  ministral3: { defaults: UNTIED, read: adding(llama, (c) => windows(c, 0)) },
  mixtral: {
    defaults: { ...UNTIED, num_local_experts: 8, num_experts_per_tok: 2 },
    read: adding(llama, (c, fields) => ({ ...windows(c, 0), ...mixtureOfFfn(c, fields) })),
  },
  qwen2: { defaults: UNTIED, read: qwen('qkv', 'none') },
  qwen2_moe: { defaults: UNTIED, read: qwenMixture('qkv', 'none') },
  qwen3: { defaults: { ...UNTIED, head_dim: 128 }, read: qwen('none', 'head') },
  qwen3_moe: { defaults: { ...UNTIED, head_dim: 128 }, read: qwenMixture('none', 'head') },
  qwen3_next: {
    defaults: { ...UNTIED, ...GATED_DELTA, num_experts: 512, num_experts_per_tok: 10 },
    read: qwenNext,
  },
  qwen3_5: { defaults: { ...UNTIED, ...GATED_DELTA }, read: qwenNextDense },
  qwen3_5_moe: {
    defaults: { ...UNTIED, ...GATED_DELTA, num_experts: 256, num_experts_per_tok: 8 },
    read: qwenNext,
  },
  kimi_linear: { defaults: UNTIED, read: kimiLinear },
  minimax: { defaults: { ...UNTIED, num_local_experts: 8, num_experts_per_tok: 2, block_size: 256 }, read: minimax },
  deepseek: { defaults: UNTIED, read: adding(llama, (c, fields) => sharedMixture(c, fields.ffn!)) },
  deepseek_v2: { defaults: UNTIED, read: deepseek },
  deepseek_v3: { defaults: UNTIED, read: deepseek },
  kimi_k2: { defaults: UNTIED, read: deepseek },
  gpt_oss: { defaults: { ...UNTIED, head_dim: 64, sliding_window: 128, attention_bias: true }, read: gptOss },
  minimax_m2: {
    defaults: { ...UNTIED, num_local_experts: 256, num_experts_per_tok: 8 },
    read: adding(llama, (c, fields) => ({
      ...mixtureOfFfn(c, fields),
      ...everyLayerAttends(c),
      // One norm over all heads of a layer; released weights have no layers that predict a later token.
      qkNorm: c.flag('use_qk_norm') ? 'full' : 'none',
      ...(c.optional('num_mtp_modules', 'mtp_transformer_layers') === undefined ? {} : { mtpLayers: 0 }),
      ...minimaxShared(c),
    })),
  },
  smollm3: { defaults: TIED, read: adding(llama, (c) => windows(c, 0)) },
  gemma: { defaults: GEMMA, read: llama },
  gemma2: {
    defaults: { ...GEMMA, sliding_window: 4096 },
    read: adding(llama, (c) => ({ norms: 4, ...windows(c, 2) })),
  },
  gemma3: {
    defaults: {
      ...GEMMA,
      vocab_size: 262208,
      num_attention_heads: 8,
      num_key_value_heads: 4,
      sliding_window: 4096,
    },
    read: adding(llama, (c) => ({ norms: 4, qkNorm: 'head', ...windows(c, 6) })),
  },
  phi: {
    defaults: { tie_word_embeddings: false, hidden_act: 'gelu_new' },
    read: adding(gpt, (c) => ({ ...heads(c), parallelBlock: true, norms: 1 })),
  },
  phi3: { defaults: UNTIED, read: adding(llama, (c) => windows(c, 0)) },
  phimoe: {
    defaults: { ...UNTIED, num_local_experts: 16, num_experts_per_tok: 2 },
    read: adding(llama, (c, fields) => ({ norm: 'layer', ...windows(c, 0), ...mixtureOfFfn(c, fields) })),
  },
  falcon: {
    defaults: { tie_word_embeddings: true, activation: 'gelu', multi_query: true, parallel_attn: true },
    read: falcon,
  },
  bloom: { defaults: { tie_word_embeddings: true }, read: gpt },
  opt: {
    defaults: { tie_word_embeddings: true, activation_function: 'relu', enable_bias: true, dropout: 0.1 },
    read: opt,
  },
  gpt2: {
    defaults: { tie_word_embeddings: true, activation_function: 'gelu_new', n_positions: 1024, resid_pdrop: 0.1 },
    read: adding(gpt, (c) => ({
      learnedPositions: true,
      positions: c.count('n_positions', 'max_position_embeddings'),
    })),
  },
  gptj: {
    defaults: { tie_word_embeddings: false, activation_function: 'gelu_new' },
    read: adding(gpt, { attentionBias: 'none', parallelBlock: true, norms: 1 }),
  },
  gpt_neo: {
    defaults: { tie_word_embeddings: true, activation_function: 'gelu_new', window_size: 256 },
    read: gptNeo,
  },
  gpt_neox: {
    defaults: { tie_word_embeddings: false, hidden_act: 'gelu', use_parallel_residual: true, attention_bias: true },
    read: adding(gpt, (c) => ({
      parallelBlock: c.flag('use_parallel_residual'),
      attentionBias: c.flag('attention_bias') ? 'all' : 'none',
    })),
  },
  gpt_bigcode: {
    defaults: { tie_word_embeddings: true, activation_function: 'gelu', multi_query: true },
    read: adding(gpt, (c, fields) => ({
      kvHeads: c.flag('multi_query') ? 1 : fields.heads,
      learnedPositions: true,
      positions: c.count('n_positions'),
    })),
  },
  starcoder2: {
    defaults: { tie_word_embeddings: true, hidden_act: 'gelu_pytorch_tanh', use_bias: true },
    read: adding(gpt, (c) => ({
      ...heads(c),
      ...windows(c, 0),
      attentionBias: c.flag('use_bias') ? 'all' : 'none',
      mlpBias: c.flag('use_bias'),
    })),
  },
  stablelm: { defaults: UNTIED, read: stablelm },
  seed_oss: { defaults: { ...UNTIED, attention_bias: true }, read: adding(llama, withoutOutputBias) },
  dots1: {
    defaults: UNTIED,
    read: adding(llama, (c, fields) => ({ ...sharedMixture(c, fields.ffn!), qkNorm: 'head' })),
  },
  ernie4_5: { defaults: TIED, read: adding(llama, (c) => ({ attentionBias: c.flag('use_bias') ? 'all' : 'none' })) },
  ernie4_5_moe: { defaults: TIED, read: ernieMixture },
  hunyuan_v1_dense: { defaults: UNTIED, read: adding(llama, { qkNorm: 'head' }) },
  hunyuan_v1_moe: { defaults: UNTIED, read: hunyuanMixture },
  bailing_moe: { defaults: UNTIED, read: bailing },
  bailing_moe_linear: { defaults: { ...UNTIED, layer_group_size: 0 }, read: bailingLinear },
  mimo: { defaults: UNTIED, read: mimo },
  apertus: {
    defaults: { ...UNTIED, hidden_act: 'xielu' },
    read: adding(llama, (c) => ({ mlp: mlpOf(c, false), qkNorm: 'head' })),
  },
  arcee: { defaults: { ...UNTIED, hidden_act: 'relu2' }, read: adding(llama, (c) => ({ mlp: mlpOf(c, false) })) },
  minicpm: { defaults: TIED, read: llama },
  exaone: { defaults: { ...UNTIED, activation_function: 'silu' }, read: llama },
  exaone4: { defaults: { ...UNTIED, sliding_window: 4096 }, read: exaone4 },
  chatglm: { defaults: UNTIED, read: chatglm },
  glm: { defaults: { ...UNTIED, head_dim: 128 }, read: adding(llama, (_, fields) => QKV_BIAS(fields)) },
  glm4: {
    defaults: { ...UNTIED, head_dim: 128 },
    read: adding(llama, (_, fields) => ({ norms: 4, ...QKV_BIAS(fields) })),
  },
  glm4_moe: {
    defaults: { ...UNTIED, head_dim: 128 },
    read: adding(llama, (c, fields) => ({
      ...sharedMixture(c, fields.ffn!),
      ...QKV_BIAS(fields),
      qkNorm: c.flag('use_qk_norm') ? 'head' : 'none',
    })),
  },
  olmo: { defaults: UNTIED, read: llama },
  olmo2: { defaults: UNTIED, read: adding(llama, { qkNorm: 'full' }) },
  olmo3: {
    defaults: { ...UNTIED, sliding_window: 4096 },
    read: adding(llama, (c) => ({ qkNorm: 'full', ...windows(c, 4) })),
  },
  olmoe: {
    defaults: { ...UNTIED, num_experts: 64, num_experts_per_tok: 8 },
    read: adding(llama, (c, fields) => ({ qkNorm: 'full', ...mixtureOfFfn(c, fields) })),
  },
  dbrx: { defaults: { tie_word_embeddings: false }, read: dbrx },
  mpt: { defaults: { tie_word_embeddings: true, no_bias: true }, read: mpt },
  'grok-1': {
    defaults: { tie_word_embeddings: true, hidden_act: 'gelu', num_experts: 8, num_experts_per_tok: 2 },
    read: adding(llama, (c, fields) => ({ norms: 4, ...mixtureOfFfn(c, fields) })),
  },
  nemotron_h: { defaults: { mlp_hidden_act: 'relu2', tie_word_embeddings: false }, read: nemotronH },
  nemotron: {
    defaults: { tie_word_embeddings: false, hidden_act: 'relu2' },
    read: adding(gpt, (c) => ({
      ...heads(c),
      attentionBias: c.flag('attention_bias') ? 'all' : 'none',
      mlpBias: c.flag('mlp_bias'),
    })),
  },
  granite: { defaults: UNTIED, read: llama },
  granitemoehybrid: {
    defaults: { ...UNTIED, ...MAMBA_2, num_local_experts: 8, num_experts_per_tok: 2, shared_intermediate_size: 1024 },
    read: graniteHybrid,
  },
  falcon_h1: { defaults: { ...UNTIED, ...MAMBA_2, mamba_d_ssm: 1024, num_key_value_heads: 8 }, read: falconH1 },
  bamba: { defaults: { ...UNTIED, ...MAMBA_2, num_key_value_heads: 8 }, read: bamba },
  granitemoe: { defaults: UNTIED, read: adding(llama, mixtureOfFfn) },
  cohere: { defaults: TIED, read: cohere },
  cohere2: { defaults: { ...TIED, sliding_window: 4096 }, read: adding(cohere, (c) => windows(c, 4)) },
  internlm2: { defaults: UNTIED, read: adding(llama, (c) => ({ attentionBias: c.flag('bias') ? 'all' : 'none' })) },
  vit: {
    defaults: {
      hidden_act: 'gelu',
      image_size: 224,
      patch_size: 16,
      num_channels: 3,
      num_labels: 2,
      vocab_size: 0,
      hidden_size: 768,
      num_hidden_layers: 12,
      num_attention_heads: 12,
      intermediate_size: 3072,
    },
    read: vit,
  },
};

/** Other names of the same families. */
export const ALIASES: Readonly<Record<string, string>> = {
  llama4_text: 'llama4',
  gemma3_text: 'gemma3',
  mistral3: 'mistral',
  ministral: 'mistral',
  deepseek_r1: 'deepseek_v3',
  kimi_k25: 'kimi_k2',
  minimax_text_01: 'minimax',
  minimax_m1: 'minimax',
  qwen3_5_text: 'qwen3_5',
  qwen3_5_moe_text: 'qwen3_5_moe',
  glm4_moe_lite: 'deepseek_v3',
  glm4v_moe: 'glm4_moe',
  qwen2_vl: 'qwen2',
  qwen2_5_vl: 'qwen2',
  qwen3_vl: 'qwen3',
  qwen3_vl_moe: 'qwen3_moe',
  RefinedWeb: 'falcon',
  RefinedWebModel: 'falcon',
  grok1: 'grok-1',
  grok: 'grok-1',
  granitemoeshared: 'granitemoe',
  codegen: 'gptj',
  baichuan: 'llama',
  internlm3: 'internlm2',
  bailing_moe_v2: 'bailing_moe',
  deepseek_vl_v2: 'deepseek_v2',
};

const STATE_SPACE =
  "layers with a recurrent state that is neither Mamba-2's nor that of a gated delta net, lightning or Kimi Delta Attention";
const SHARED_BLOCK = 'a block of attention whose weights many layers share';
const CROSS = 'an encoder, and a decoder whose attention looks at it';
const SPARSE = 'attention that chooses the tokens that it looks at';
const UNEQUAL = 'layers that are all different, as a search has found them';
const SIDE_PATHS = 'embeddings of each layer and several residual streams beside one another';
const ENCODER = 'an encoder of text, which has no next token to predict';

/** Families that are not read, what they are missing, and what may be done, if it is not to choose another. */
export const REFUSED: readonly (readonly [pattern: RegExp, missing: string, remedy?: string])[] = [
  [
    /^mamba2/i,
    'all layers are state space (Mamba-2)',
    'write a model file with a layerPattern of M alone (docs/psa.md)',
  ],
  [/zamba/i, SHARED_BLOCK],
  [/mamba|jamba|hybrid|recurrent|rwkv|lfm2|minimax|linear|nemotron3|retnet|plamo2/i, STATE_SPACE],
  [
    /^(u?m?t5|longt5|switch_transformers|m?bart|pegasus|marian|whisper|blenderbot|led|prophetnet|m2m_100|nllb)|mllama/i,
    CROSS,
  ],
  [
    /deepseek_v32|glm_moe_dsa/i,
    SPARSE,
    'for the same model with attention in full, which it has up to index_topk tokens, set model_type to deepseek_v3 and leave out what begins with index_',
  ],
  [/deepseek_v4|indexer|phi3small|longformer|bigbird/i, SPARSE],
  [/nas$|deci|openelm|puzzle/i, UNEQUAL],
  [/gemma3n/i, SIDE_PATHS],
  [/bert|electra|deberta/i, ENCODER],
];
