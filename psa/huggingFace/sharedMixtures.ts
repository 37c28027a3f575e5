/**
 * Mixtures with shared experts whose configurations have names of their own: ERNIE 4.5, Hunyuan, Ling. Read from the modelling files
 * of https://github.com/huggingface/transformers, and of their makers' repositories on Hugging Face.
 */
import type { GivenFields } from '../modelFields.js';
import { mixture } from './common.js';
import type { Config } from './config.js';
import { llama, routingGroups } from './readers.js';

/** ERNIE 4.5: mixtures from one layer to another, each so many-th; shared experts as wide as the routed ones. */
export function ernieMixture(c: Config): GivenFields {
  const fields = llama(c);
  const width = c.count('moe_intermediate_size');
  const last = c.optional('moe_layer_end_index') ?? fields.layers! - 1;
  if (last < fields.layers! - 1) {
    throw c.error('moe_layer_end_index', 'dense layers follow the mixtures', 'dense layers lead: write a model file');
  }
  return {
    ...fields,
    attentionBias: c.flag('use_bias') ? 'all' : 'none',
    ffn: width,
    denseFfn: fields.ffn,
    experts: c.count('moe_num_experts'),
    expertsPerToken: c.count('moe_k'),
    sharedFfn: width * (c.optional('moe_num_shared_experts') ?? 0),
    leadingDense: c.optional('moe_layer_start_index') ?? 0,
    mixtureEvery: c.optional('moe_layer_interval') || 1,
    mtpLayers: c.optional('num_nextn_predict_layers') ?? 0,
  };
}

/** The one number that a field has for all layers, which some files write once for each. */
function sameInAll(c: Config, field: string): number {
  const [first, ...others] = c.list(field) ?? [c.count(field)];
  if (typeof first === 'number' && others.every((value) => value === first)) return first;
  throw c.error(field, `${field} differs from layer to layer`, 'write a model file near to it');
}

/** Hunyuan's mixtures: heads with norms of their own, shared experts as wide as the routed ones. */
export function hunyuanMixture(c: Config): GivenFields {
  const fields = llama(c);
  const width = c.value('moe_intermediate_size') === undefined ? fields.ffn! : sameInAll(c, 'moe_intermediate_size');
  if (c.flag('use_cla')) {
    throw c.error('use_cla', 'layers that share keys and values', 'set it to false for the model without');
  }
  if (c.flag('use_mla')) {
    throw c.error('use_mla', 'latent attention', 'choose deepseek_v3 as model_type if it is built like that');
  }
  // Of its other models, which latent attention and towers belong to.
  c.value('kv_lora_rank', 'q_lora_rank', 'qk_rope_head_dim', 'qk_nope_head_dim', 'v_head_dim');
  c.value('cla_share_factor', 'attention_head_dim', 'anyres_pooling_size', 'num_media_embeds');
  const shared =
    c.value('use_mixed_mlp_moe') === false ? 0 : c.value('num_shared_expert') === undefined ? 1 : undefined;
  return {
    ...fields,
    qkNorm: 'head',
    ffn: width,
    denseFfn: fields.ffn,
    experts: c.count('num_experts'),
    expertsPerToken: sameInAll(c, 'moe_topk'),
    sharedFfn: width * (shared ?? sameInAll(c, 'num_shared_expert')),
    leadingDense: c.optional('moe_layer_num_skipped') ?? 0,
  };
}

/** Ling and Ring: shared experts as wide as the routed ones, their widths in fields of other names. */
export function bailing(c: Config): GivenFields {
  const fields = llama(c);
  const width = c.count('moe_intermediate_size');
  const biased = c.flag('use_bias');
  return {
    ...fields,
    ...mixture(c, width, fields.ffn!),
    ...routingGroups(c),
    attentionBias: biased ? 'all' : c.flag('use_qkv_bias') ? 'qkv' : 'none',
    qkNorm: c.flag('use_qk_norm') ? 'head' : 'none',
    sharedFfn: (c.optional('moe_shared_expert_intermediate_size') ?? width) * (c.optional('num_shared_experts') ?? 0),
    mtpLayers: c.optional('num_nextn_predict_layers') ?? 0,
  };
}
