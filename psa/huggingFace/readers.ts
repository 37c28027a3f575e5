/**
 * How the configurations of a family map to the fields of a model: what its code does that no field says. Read from the modelling
 * files of https://github.com/huggingface/transformers.
 */
import type { GivenFields } from '../modelFields.js';
import { ffn, heads, mixture, mlpOf, periodOf, sizes, windows } from './common.js';
import { type Config, isRecord } from './config.js';

/** Llama and what is built like it: gated MLP, norms of a scale, no biases unless the file says so. */
export function llama(c: Config): GivenFields {
  const size = sizes(c);
  return {
    ...size,
    ...heads(c),
    ffn: ffn(c, size.hidden),
    mlp: mlpOf(c, true),
    attentionBias: c.flag('attention_bias', 'add_qkv_bias', 'qkv_bias') ? 'all' : 'none',
    mlpBias: c.flag('mlp_bias'),
    learnedPositions: false,
  };
}

/** GPT-2 and what is built like it: plain MLP, norms with a shift, biases everywhere, as many KV heads as heads. */
export function gpt(c: Config): GivenFields {
  const size = sizes(c);
  return {
    ...size,
    ffn: ffn(c, size.hidden),
    mlp: mlpOf(c, false),
    norm: 'layer',
    attentionBias: 'all',
    mlpBias: true,
    learnedPositions: false,
  };
}

/** Qwen's windows are switched on apart from their width, and then begin behind `max_window_layers`. */
function qwenWindows(c: Config, layers: number): GivenFields {
  const on = c.flag('use_sliding_window');
  const full = c.optional('max_window_layers') ?? layers;
  const window = c.optional('sliding_window') ?? 0;
  c.value('layer_types');
  if (!on || window === 0 || full >= layers) return {};
  if (full === 0) return { window };
  throw c.error('max_window_layers', 'local layers begin behind the first ones', 'set use_sliding_window to false');
}

export function qwen(bias: 'none' | 'qkv', qkNorm: 'none' | 'head') {
  return (c: Config): GivenFields => {
    const fields = llama(c);
    const attentionBias = bias === 'qkv' ? 'qkv' : fields.attentionBias;
    return { ...fields, attentionBias, qkNorm, ...qwenWindows(c, fields.layers!) };
  };
}

export function qwenMixture(bias: 'none' | 'qkv', qkNorm: 'none' | 'head') {
  return (c: Config): GivenFields => {
    const fields = qwen(bias, qkNorm)(c);
    return {
      ...fields,
      ...mixture(c, c.count('moe_intermediate_size'), fields.ffn!),
      sharedFfn: c.optional('shared_expert_intermediate_size') ?? 0,
    };
  };
}

/** Groups of experts of which a token goes to some only. */
export function routingGroups(c: Config): GivenFields {
  const groups = c.optional('n_group', 'num_expert_group') ?? 1;
  const most = c.optional('topk_group') ?? groups;
  return groups > 1 ? { expertGroups: groups, groupsPerToken: most } : {};
}

/** Experts of `moe_intermediate_size` beside shared ones of the same width, behind leading dense layers. */
export function sharedMixture(c: Config, denseFfn: number): GivenFields {
  const width = c.count('moe_intermediate_size');
  return {
    ...mixture(c, width, denseFfn),
    ...routingGroups(c),
    sharedFfn: width * (c.optional('n_shared_experts') ?? 0),
    mtpLayers: c.optional('num_nextn_predict_layers') ?? 0,
  };
}

/** Attention to latents, of a model with so many heads. */
export function latentAttention(c: Config, { heads: count }: GivenFields): GivenFields {
  const ropeDim = c.count('qk_rope_head_dim');
  return {
    kvHeads: count,
    queryRank: c.optional('q_lora_rank') ?? 0,
    kvRank: c.count('kv_lora_rank'),
    ropeDim,
    headDim: c.count('qk_nope_head_dim') + ropeDim,
    valueDim: c.count('v_head_dim'),
    qkNorm: 'none',
  };
}

export function deepseek(c: Config): GivenFields {
  const fields = llama(c);
  const dense = { ...fields, ...latentAttention(c, fields) };
  return c.optional('n_routed_experts') === undefined ? dense : { ...dense, ...sharedMixture(c, fields.ffn!) };
}

export function gptOss(c: Config): GivenFields {
  const fields = llama(c);
  return { ...fields, mlpBias: true, ...windows(c, 2), ...mixture(c, fields.ffn!, fields.ffn!) };
}

export function llama4(c: Config): GivenFields {
  const fields = llama(c);
  const rotated = c.list('no_rope_layers') ?? [];
  const interval = c.optional('no_rope_layer_interval') ?? 4;
  // 1 stands for a layer that rotates, which looks at its chunk alone.
  const globalEvery =
    rotated.length > 0
      ? periodOf(
          c,
          'no_rope_layers',
          rotated.map((rotates) => rotates === 0),
        )
      : interval;
  const every = mixture(c, fields.ffn!, c.count('intermediate_size_mlp'));
  const listed = c.list('moe_layers') ?? [];
  const layers = Array.from({ length: fields.layers! }, (_, i) => listed.includes(i));
  c.value('layer_types');
  return {
    ...fields,
    ...every,
    ...(listed.length > 0 ? { mixtureEvery: periodOf(c, 'moe_layers', layers) } : {}),
    sharedFfn: fields.ffn,
    window: c.optional('attention_chunk_size') ?? 0,
    globalEvery,
  };
}

export function falcon(c: Config): GivenFields {
  const fields = gpt(c);
  const recent = c.flag('new_decoder_architecture');
  const grouped = heads(c).kvHeads ?? fields.heads;
  const multiQuery = c.flag('multi_query');
  const beside = c.flag('parallel_attn');
  const parallel = recent || beside;
  const norms = c.optional('num_ln_in_parallel_attn') ?? (recent ? 2 : 1);
  const biased = c.flag('bias');
  return {
    ...fields,
    kvHeads: recent ? grouped : multiQuery ? 1 : fields.heads,
    parallelBlock: parallel,
    norms: parallel ? norms : 2,
    attentionBias: biased ? 'all' : 'none',
    mlpBias: biased,
  };
}

export function opt(c: Config): GivenFields {
  const fields = gpt(c);
  const biased = c.flag('enable_bias');
  // Two rows before the first position (OPTLearnedPositionalEmbedding).
  const positions = c.count('max_position_embeddings') + 2;
  return {
    ...fields,
    embedDim: c.optional('word_embed_proj_dim'),
    attentionBias: biased ? 'all' : 'none',
    mlpBias: biased,
    learnedPositions: true,
    positions,
  };
}

export function chatglm(c: Config): GivenFields {
  const fields = llama(c);
  const grouped = c.flag('multi_query_attention');
  const biased = c.flag('add_bias_linear');
  return {
    ...fields,
    kvHeads: grouped ? fields.kvHeads : fields.heads,
    attentionBias: biased ? 'all' : fields.attentionBias === 'all' ? 'qkv' : 'none',
    mlpBias: biased,
  };
}

export function dbrx(c: Config): GivenFields {
  const attention = c.within('attn_config');
  const experts = c.within('ffn_config');
  const size = sizes(c);
  const width = experts.count('ffn_hidden_size');
  return {
    ...size,
    kvHeads: attention.count('kv_n_heads'),
    ...mixture(experts, width, width),
    mlp: 'swiglu',
    learnedPositions: false,
  };
}

export function mpt(c: Config): GivenFields {
  const size = sizes(c);
  const biased = !c.flag('no_bias');
  const attention = c.within('attn_config');
  return {
    ...size,
    kvHeads:
      attention.text('attn_type') === 'multiquery_attention' ? 1 : (attention.optional('kv_n_heads') ?? size.heads),
    ffn: (c.optional('expansion_ratio') ?? 4) * size.hidden,
    mlp: 'gelu',
    norm: biased ? 'layer' : 'rms',
    attentionBias: biased ? 'all' : 'none',
    mlpBias: biased,
    learnedPositions: attention.value('alibi') !== true && c.value('learned_pos_emb') !== false,
    positions: attention.value('alibi') === true ? 0 : c.count('max_seq_len'),
  };
}

export function vit(c: Config): GivenFields {
  const fields = gpt(c);
  const biased = c.value('qkv_bias') !== false;
  const side = c.count('patch_size');
  const patches = Math.floor(c.count('image_size') / side) ** 2;
  const labels = c.value('id2label');
  // A token of its own stands for the image (arXiv 2010.11929, 3.1).
  const seq = patches + 1;
  return {
    ...fields,
    vocab: 0,
    patch: side * side * c.count('num_channels'),
    classes: isRecord(labels) ? Object.keys(labels).length : c.count('num_labels'),
    seq,
    positions: seq,
    causal: false,
    attentionBias: biased ? 'all' : 'none',
    learnedPositions: true,
    tiedEmbeddings: false,
  };
}

export function cohere(c: Config): GivenFields {
  return { ...llama(c), parallelBlock: true, norms: 1, qkNorm: c.flag('use_qk_norm') ? 'full' : 'none' };
}

/** Llama with norms that shift; in some sizes attention and MLP read one norm, and heads have norms of their own. */
export function stablelm(c: Config): GivenFields {
  const parallelBlock = c.flag('use_parallel_residual');
  return {
    ...llama(c),
    norm: 'layer',
    norms: parallelBlock ? 1 : 2,
    parallelBlock,
    attentionBias: c.flag('use_qkv_bias') ? 'qkv' : 'none',
    qkNorm: c.flag('qk_layernorm') ? 'full' : 'none',
  };
}

/** GPT-Neo: global and local layers in turn; of attention's products the last alone has a bias, a 25,000th of a model. */
export function gptNeo(c: Config): GivenFields {
  const local = (c.list('attention_layers') ?? []).map((kind) => kind === 'local');
  c.value('attention_types');
  const positions = c.count('max_position_embeddings');
  const fields = { ...gpt(c), attentionBias: 'none', learnedPositions: true, positions } as const;
  if (local.length > 0 && !local.includes(true)) return fields;
  // Global layers come first; which of two kinds does changes no mean.
  const every = local.length === 0 ? 2 : periodOf(c, 'attention_layers', local);
  if (every === 2) return { ...fields, window: c.count('window_size'), globalEvery: 2 };
  throw c.error('attention_layers', 'local layers are not every second one', 'write a model file near to it');
}

/** Qwen2 with layers that predict later tokens. */
export function mimo(c: Config): GivenFields {
  return { ...qwen('qkv', 'none')(c), mtpLayers: c.optional('num_nextn_predict_layers') ?? 0 };
}

/** EXAONE 4: norms behind attention and MLP, and local layers in a period that may be a word of L and G. */
export function exaone4(c: Config): GivenFields {
  const word = c.value('sliding_window_pattern');
  const fields = { ...llama(c), qkNorm: 'head' } as const;
  if (typeof word !== 'string') return { ...fields, ...windows(c, 4) };
  const window = c.optional('sliding_window') ?? 0;
  c.value('layer_types');
  const globals = [...word].map((letter) => letter === 'G');
  return window === 0 ? fields : { ...fields, window, globalEvery: periodOf(c, 'sliding_window_pattern', globals) };
}
