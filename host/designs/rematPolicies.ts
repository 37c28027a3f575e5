/**
 * Policies of MaxText for what of a layer is kept, where all else runs again, and where (layers/decoders.py, get_remat_policy and
 * minimal_policy): its configurations name them, and notes of measured steps do.
 */
import type { KeptTensor } from '../../kernels/workload/operation.js';

/** Where a tensor is kept: on the NPU, on the host, or nowhere. */
export type RematPlace = 'device' | 'offload' | 'remat';

/** Tensors of a layer, by the names that policies have for them; what comes behind its last product is needed again nowhere. */
export const REMAT_TENSORS: Readonly<Record<string, KeptTensor>> = {
  query_proj: 'keepQkv',
  key_proj: 'keepQkv',
  value_proj: 'keepQkv',
  kv_proj: 'keepQkv',
  qkv_proj: 'keepQkv',
  context: 'keepAttentionOutput',
  out_proj: 'keepProjection',
  mlpwi: 'keepMlpProducts',
  mlpwi_0: 'keepMlpProducts',
  mlpwi_1: 'keepMlpProducts',
};

/** The input of a layer is kept always; `custom` may have it on the host. */
export const LAYER_INPUT = 'decoder_layer_input';

type Places = Readonly<Record<string, RematPlace>>;

const PROJECTIONS: Places = { qkv_proj: 'device', out_proj: 'device' };
const DOTS: Places = { ...PROJECTIONS, mlpwi: 'device' };
const DOTS_AND_CONTEXT: Places = { ...DOTS, context: 'device' };

/** What each policy keeps; `custom` keeps what is listed beside it. */
export const REMAT_POLICIES: Readonly<Record<string, Places>> = {
  full: {},
  minimal: DOTS,
  minimal_with_context: DOTS_AND_CONTEXT,
  minimal_flash: DOTS_AND_CONTEXT,
  minimal_offloaded: { qkv_proj: 'offload', out_proj: 'offload', mlpwi: 'offload' },
  qkv_proj_offloaded: { qkv_proj: 'offload' },
  save_qkv_proj: { qkv_proj: 'device' },
  save_out_proj: { out_proj: 'device' },
  save_dot_except_mlp: PROJECTIONS,
  save_dot_except_mlpwi: PROJECTIONS,
  save_dot_with_context_except_mlp: { ...PROJECTIONS, context: 'device' },
  custom: {},
};

/** What a list of tensors and places sets: the parameter of each that is kept. */
export function keptTensors(
  places: Iterable<readonly [tensor: string, place: string]>,
): [KeptTensor, 'device' | 'host'][] {
  return [...places].flatMap(([name, place]): [KeptTensor, 'device' | 'host'][] => {
    const tensor = REMAT_TENSORS[name];
    if (tensor === undefined || place === 'remat') return [];
    return [[tensor, place === 'offload' ? 'host' : 'device']];
  });
}
