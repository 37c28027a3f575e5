/**
 * How configurations of hybrids of linear attention map to the fields of a model: a layer mixes tokens, by a state or by attention, and
 * then has an MLP, which is two of our layers of one block each. Qwen3-Next, Qwen3.5 and MiniMax-Text-01 are read from their modelling
 * files in https://github.com/huggingface/transformers, Kimi Linear from those of https://github.com/vllm-project/vllm
 * (kimi_linear.py, kda.py), and Ring and Ling too (bailing_moe_linear.py).
 */
import type { GivenFields } from '../modelFields.js';
import { mixture, pairedLayers } from './common.js';
import type { Config } from './config.js';
import { deepseek, latentAttention, llama, qwen, qwenMixture, routingGroups } from './readers.js';
import { bailing } from './sharedMixtures.js';

const KINDS: Readonly<Record<string, boolean>> = {
  full_attention: true,
  attention: true,
  linear_attention: false,
};

/** Which layers attend, where a list names the kind of each. */
function listedKinds(c: Config, layers: number): boolean[] | undefined {
  const kinds = c.list('layer_types');
  if (kinds === undefined) return undefined;
  const attends = kinds.map((kind) => KINDS[String(kind)]);
  if (attends.length === layers && !attends.includes(undefined)) return attends as boolean[];
  throw c.error(
    'layer_types',
    `layer_types does not name linear_attention or full_attention for each of ${layers} layers`,
    'name the kind of each layer',
  );
}

/** Each so many-th attends, where no list says so. */
function everyFourth(c: Config, layers: number): boolean[] {
  const every = c.optional('full_attention_interval') || 4;
  return Array.from({ length: layers }, (_, i) => (i + 1) % every === 0);
}

/** Gated delta nets, three to each layer of attention, whose outputs have gates. */
function gatedDelta(c: Config, fields: GivenFields): GivenFields {
  const kinds = listedKinds(c, fields.layers!) ?? everyFourth(c, fields.layers!);
  return {
    ...pairedLayers(fields, kinds),
    attentionGate: c.value('attn_output_gate') !== false,
    stateRule: 'gatedDelta',
    stateHeads: c.count('linear_num_value_heads'),
    stateHeadDim: c.count('linear_value_head_dim'),
    stateGroups: c.count('linear_num_key_heads'),
    stateDim: c.count('linear_key_head_dim'),
    stateConvolution: c.count('linear_conv_kernel_dim'),
    mtpLayers: c.optional('mtp_num_hidden_layers') ?? 0,
  };
}

export function qwenNext(c: Config): GivenFields {
  return gatedDelta(c, qwenMixture('none', 'head')(c));
}

export function qwenNextDense(c: Config): GivenFields {
  return gatedDelta(c, qwen('none', 'head')(c));
}

/** Lightning attention in most layers, with as many heads as attention has, each with keys of its own. */
export function minimax(c: Config): GivenFields {
  const fields = llama(c);
  const listed = c.list('attn_type_list')?.map((kind) => kind === 1);
  const kinds = listedKinds(c, fields.layers!) ?? listed;
  if (kinds === undefined || kinds.length !== fields.layers) {
    throw c.error(
      'layer_types',
      'the kinds of layers are not said',
      'give layer_types, or attn_type_list, for each layer',
    );
  }
  // Factors of residuals, and how a shared expert's output is weighed.
  c.value('full_attn_beta_factor', 'linear_attn_beta_factor', 'mlp_beta_factor', 'shared_moe_mode');
  c.value('layernorm_full_attention_beta', 'layernorm_linear_attention_beta', 'layernorm_mlp_beta');
  const headDim = fields.headDim ?? fields.hidden! / fields.heads!;
  return {
    ...pairedLayers({ ...fields, ...mixture(c, fields.ffn!, fields.ffn!) }, kinds),
    sharedFfn: c.optional('shared_intermediate_size') ?? 0,
    stateRule: 'lightning',
    stateHeads: fields.heads,
    stateHeadDim: headDim,
    stateGroups: fields.heads,
    stateDim: headDim,
    stateConvolution: 0,
    stateChunk: c.optional('block_size'),
  };
}

/**
 * Ring and Ling with lightning attention, whose heads have keys of their own; a pass over queries and keys rotates them in the place of an
 * activation. Each so many-th layer attends, in later models to latents.
 */
export function bailingLinear(c: Config): GivenFields {
  const fields = bailing(c);
  const latent = c.optional('kv_lora_rank') === undefined ? {} : latentAttention(c, fields);
  const every = c.count('layer_group_size');
  const kinds = Array.from({ length: fields.layers! }, (_, i) => every === 0 || (i + 1) % every === 0);
  const headDim = fields.headDim ?? fields.hidden! / fields.heads!;
  c.value('linear_silu', 'linear_rope', 'linear_scale', 'linear_backend', 'group_norm_size');
  return {
    ...pairedLayers({ ...fields, ...latent }, kinds),
    stateRule: 'lightning',
    stateHeads: fields.heads,
    stateHeadDim: headDim,
    stateGroups: fields.heads,
    stateDim: headDim,
  };
}

/** Of Kimi's layers, counted from 1, those of a list attend. */
function kimiKinds(linear: Config, layers: number): boolean[] {
  const places = linear.list('full_attn_layers') ?? [];
  const others = linear.list('kda_layers') ?? [];
  if (places.length + others.length === layers) return Array.from({ length: layers }, (_, i) => places.includes(i + 1));
  throw linear.error(
    'full_attn_layers',
    `full_attn_layers and kda_layers are not ${layers} layers together`,
    'name each layer in one of both',
  );
}

/** Kimi Linear: Kimi Delta Attention, and latent attention without rotations; experts as DeepSeek's, under names of their own. */
export function kimiLinear(c: Config): GivenFields {
  const fields = deepseek(c);
  const linear = c.within('linear_attn_config');
  if (c.flag('mla_use_output_gate')) {
    throw c.error('mla_use_output_gate', 'latent attention with gates', 'set it to false for the model without');
  }
  const heads = linear.count('num_heads');
  const headDim = linear.count('head_dim');
  const width = c.count('moe_intermediate_size');
  const experts = { ...mixture(c, width, fields.ffn!), ...routingGroups(c) };
  return {
    ...pairedLayers({ ...fields, ...experts }, kimiKinds(linear, fields.layers!)),
    sharedFfn: width * (c.optional('num_shared_experts') ?? 0),
    mtpLayers: c.optional('num_nextn_predict_layers') ?? 0,
    stateRule: 'kimiDelta',
    stateHeads: heads,
    stateHeadDim: headDim,
    stateGroups: heads,
    stateDim: headDim,
    stateConvolution: linear.count('short_conv_kernel_size'),
    stateGateRank: linear.flag('use_full_rank_gate') ? 0 : headDim,
  };
}
