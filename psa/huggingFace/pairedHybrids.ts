/**
 * How configurations of Bamba, Falcon-H1 and Granite 4 map to the fields of a model: a layer mixes tokens, by a state space (Mamba-2) or by
 * attention, and then has an MLP. Read from their modelling files in
 * https://github.com/huggingface/transformers.
 */
import type { GivenFields } from '../modelFields.js';
import { mixture, pairedLayers } from './common.js';
import type { Config } from './config.js';
import { llama } from './readers.js';

/** What mixes tokens, layer by layer: listed, or the places of attention alone. */
function attends(c: Config, layers: number): boolean[] {
  const places = c.list('attn_layer_indices');
  const kinds = c.list('layer_types') ?? c.list('layers_block_type');
  if (kinds === undefined) return Array.from({ length: layers }, (_, i) => places?.includes(i) ?? false);
  if (kinds.length === layers && kinds.every((kind) => kind === 'mamba' || kind === 'attention')) {
    return kinds.map((kind) => kind === 'attention');
  }
  throw c.error(
    'layer_types',
    `layer_types does not name mamba or attention for each of ${layers} layers`,
    'name the kind of each layer',
  );
}

function stateSpace(c: Config, hidden: number): GivenFields {
  const heads = c.count('mamba_n_heads');
  const inner = c.count('mamba_expand') * hidden;
  if (c.flag('mamba_proj_bias')) {
    throw c.error('mamba_proj_bias', 'products of state-space layers with a bias', 'released models have none');
  }
  // The rank is of the first Mamba: no product of Mamba-2 has it.
  c.value('mamba_conv_bias', 'mamba_dt_rank');
  return {
    stateHeads: heads,
    stateHeadDim: c.value('mamba_d_head') === 'auto' ? inner / heads : c.count('mamba_d_head'),
    stateDim: c.count('mamba_d_state'),
    stateGroups: c.count('mamba_n_groups'),
    stateConvolution: c.count('mamba_d_conv'),
    stateChunk: c.count('mamba_chunk_size'),
  };
}

/** Layers in pairs of blocks. Without a state space among them they are a transformer's. */
function inPairs(c: Config, fields: GivenFields): GivenFields {
  const attention = attends(c, fields.layers!);
  const states = stateSpace(c, fields.hidden!);
  return attention.every(Boolean) ? fields : { ...pairedLayers(fields, attention), ...states };
}

export function bamba(c: Config): GivenFields {
  return inPairs(c, llama(c));
}

/** Falcon-H1: attention and a state space read one norm in each layer, and are added to it together; then an MLP. */
export function falconH1(c: Config): GivenFields {
  const fields = llama(c);
  if (c.flag('projectors_bias')) {
    throw c.error('projectors_bias', 'products of state-space layers with a bias', 'released models have none');
  }
  const width = c.optional('mamba_d_ssm');
  // Factors of embeddings, branches and logits; a norm of a state space's outputs is a millionth of a model.
  c.value('mlp_multipliers', 'ssm_multipliers', 'attn_layer_indices', 'mamba_rms_norm', 'mamba_norm_before_gate');
  c.value('mamba_use_mlp', 'num_logits_to_keep');
  const states = stateSpace(c, fields.hidden!);
  const stateHeadDim = width === undefined ? states.stateHeadDim : width / states.stateHeads!;
  return { ...fields, ...states, stateHeadDim, layerPattern: '(B-)' };
}

/** Granite 4: experts beside a shared one in each layer, or that one alone. */
export function graniteHybrid(c: Config): GivenFields {
  const fields = llama(c);
  const shared = c.count('shared_intermediate_size');
  if (c.optional('num_local_experts') === 0) {
    c.value('num_experts_per_tok');
    return inPairs(c, { ...fields, ffn: shared });
  }
  return inPairs(c, { ...fields, ...mixture(c, fields.ffn!, fields.ffn!), sharedFfn: shared });
}
