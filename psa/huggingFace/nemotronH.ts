/** How configurations of Nemotron-H (arXiv 2504.03624) and Nemotron 3 (arXiv 2512.20856) map to the fields of a model. */
import { type GivenFields, isLayerPattern } from '../modelFields.js';
import { mlpOf } from './common.js';
import type { Config } from './config.js';
import { routingGroups } from './readers.js';

/** Kinds of layers as later configurations of Nemotron-H name them, one by one, and the letters of earlier ones. */
const BLOCK_LETTERS: Readonly<Record<string, string>> = { mamba: 'M', attention: '*', mlp: '-', moe: 'E' };

/** A letter for each layer, of a pattern or a list. */
function layerPattern(c: Config): string {
  const listed = c.list('layers_block_type');
  const pattern =
    c.text('hybrid_override_pattern') ?? listed?.map((name) => BLOCK_LETTERS[String(name)] ?? '?').join('');
  if (pattern !== undefined && isLayerPattern(pattern)) return pattern;
  throw c.error(
    listed === undefined ? 'hybrid_override_pattern' : 'layers_block_type',
    'the kinds of layers are not said, or not all known',
    'give hybrid_override_pattern, a letter for each layer: M state space, * attention, - a dense MLP, E a mixture',
  );
}

/** Experts of Nemotron 3, which may work in a latent width, beside one that all tokens go through. */
function nemotronMixture(c: Config): GivenFields {
  const shared = c.optional('n_shared_experts') ?? 0;
  const letters = c.text('mtp_hybrid_override_pattern');
  const blocks = c.list('mtp_layers_block_type')?.join(' ');
  const mtpLayers = c.optional('num_nextn_predict_layers') ?? 0;
  if (mtpLayers > 0 && ((letters ?? '*E') !== '*E' || (blocks ?? 'attention moe') !== 'attention moe')) {
    throw c.error(
      'num_nextn_predict_layers',
      'layers that predict later tokens are not attention and a mixture',
      'set it to 0',
    );
  }
  return {
    ffn: c.count('moe_intermediate_size'),
    denseFfn: c.optional('intermediate_size'),
    experts: c.count('n_routed_experts'),
    expertsPerToken: c.count('num_experts_per_tok'),
    ...routingGroups(c),
    sharedFfn: shared > 0 ? c.count('moe_shared_expert_intermediate_size') : 0,
    expertLatent: c.optional('moe_latent_size') ?? 0,
    mtpLayers,
  };
}

/** Layers of one block each: state space (Mamba-2), attention without rotations, a dense MLP, a mixture. */
export function nemotronH(c: Config): GivenFields {
  const pattern = layerPattern(c);
  const hidden = c.count('hidden_size');
  const heads = c.optional('mamba_num_heads') ?? 0;
  c.value('num_hidden_layers');
  for (const biased of ['use_bias', 'mamba_proj_bias']) {
    if (c.flag(biased))
      throw c.error(biased, 'products of state-space layers with a bias', 'models of this family have none');
  }
  c.value('use_conv_bias', 'mamba_hidden_act');
  return {
    layers: pattern.length,
    layerPattern: pattern,
    hidden,
    heads: c.count('num_attention_heads'),
    kvHeads: c.optional('num_key_value_heads'),
    headDim: c.optional('head_dim', 'attention_head_dim'),
    attentionBias: c.flag('attention_bias') ? 'all' : 'none',
    stateHeads: pattern.includes('M') ? heads : 0,
    stateHeadDim: c.optional('mamba_head_dim'),
    stateDim: c.optional('ssm_state_size'),
    stateGroups: c.optional('n_groups'),
    stateConvolution: c.optional('conv_kernel'),
    stateChunk: c.optional('chunk_size'),
    vocab: c.count('vocab_size'),
    tiedEmbeddings: c.flag('tie_word_embeddings'),
    dropout: c.drops('attention_dropout', 'hidden_dropout'),
    mlp: mlpOf(c, false),
    mlpBias: c.flag('mlp_bias'),
    ...(pattern.includes('E') ? nemotronMixture(c) : { ffn: c.count('intermediate_size') }),
  };
}
