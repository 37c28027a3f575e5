/** What a run recomputes, beyond what its column says: modules, policies and layers, as notes name them. */
import type { KeptTensor } from '../../../kernels/workload/operation.js';
import type { TrainingRow } from './row.js';
import type { Run, Settings, Target } from './settings.js';

/**
 * Modules that are recomputed, as notes name them: those of Megatron-Core, the two of arXiv 2412.19437, section 3.2.3, or those that arXiv
 * 2511.02302 added. Of all of attention (`attn`) what makes queries, keys and values of latents is recomputed here, and no other product.
 */
const MODULES: readonly (readonly [RegExp, string])[] = [
  [/\blayernorm\b|\bRMSNorm\b/, 'recomputeNorms'],
  [/\bmla_up_proj\b|\bMLA up-projections\b|\battn\b/, 'recomputeUpProjections'],
  [/\bmlp\b/, 'recomputeMlp'],
  [/\bmoe\b/, 'recomputeExperts'],
  [/\bmoe_expert\b/, 'recomputeExpertProducts'],
  [/\bmoe_act\b/, 'recomputeExpertActivation'],
  [/\bshared_experts\b/, 'recomputeSharedExperts'],
];

/** Tensors of a layer by the names that MaxText's policies have for them; what comes behind its last product is needed again nowhere. */
const TENSORS: Readonly<Record<string, KeptTensor>> = {
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
const LAYER_INPUT = 'decoder_layer_input';

const DOTS = 'qkv_proj device, out_proj device';

/** Its policies as lists of what they keep and where (MaxText, layers/decoders.py, get_remat_policy and minimal_policy). */
const POLICIES: Readonly<Record<string, string>> = {
  full: '',
  minimal: `${DOTS}, mlpwi device`,
  minimal_flash: `${DOTS}, mlpwi device, context device`,
  minimal_with_context: `${DOTS}, mlpwi device, context device`,
  minimal_offloaded: 'qkv_proj offload, out_proj offload, mlpwi offload',
  qkv_proj_offloaded: 'qkv_proj offload',
  save_qkv_proj: 'qkv_proj device',
  save_out_proj: 'out_proj device',
  save_dot_except_mlp: DOTS,
  save_dot_except_mlpwi: DOTS,
  save_dot_with_context_except_mlp: `${DOTS}, context device`,
};

/**
 * A policy of MaxText's: of a layer all is run again where it is needed but what is kept, on the NPU or the host; its input is kept always, on
 * the NPU unless it is said to be offloaded.
 */
function policyOf({ notes = '', layers = 0 }: Run): Settings | undefined {
  const [, policy, listed] = notes.match(/\bremat (\w+)(?:, kept: |: |\b)([^;]*)/) ?? [];
  const known = policy === undefined || policy === 'custom' ? undefined : POLICIES[policy];
  if (known === undefined && policy !== 'custom') return undefined;
  const kept = [...(known ?? '').split(', '), ...listed!.split(', ')].map((one) => one.split(' '));
  const settings = kept.flatMap(([name, place]): [Target, number | string][] => {
    if (name === LAYER_INPUT && place === 'offload') return [['workload.offloadedLayers', layers]];
    const tensor = TENSORS[name!];
    return tensor === undefined ? [] : [[`workload.${tensor}`, place === 'offload' ? 'host' : 'device']];
  });
  return { 'workload.recomputation': 'full', ...Object.fromEntries(settings) };
}

/** Where a note says modules, the attention core is recomputed only if it is among them. */
export function modulesOf(run: Run): Settings {
  const { recompute, notes = '' } = run;
  const policy = policyOf(run);
  if (policy !== undefined) return policy;
  const said = notes
    .split(';')
    .find((note) => /^\s*recompute (?:modules |of |(?:mlp|moe|layernorm|mla_up_proj)\b)/.test(note));
  if (recompute !== 'selective' || said === undefined) return {};
  const on = MODULES.filter(([name]) => name.test(said)).map(([, module]) => [`workload.${module}`, 'on']);
  if (on.length === 0) return {};
  return { ...Object.fromEntries(on), 'workload.recomputation': said.includes('core_attn') ? 'selective' : 'none' };
}

/** How much of its activations a run recomputes, beside modules; undefined where it is not said. */
export function recomputationOf(run: Run): TrainingRow['recompute'] {
  const { 'workload.recomputation': said = run.recompute } = modulesOf(run);
  return said as TrainingRow['recompute'];
}

/** Does a source keep to itself how many of the layers are recomputed? */
export function hidesRecomputation({ notes = '' }: Run): boolean {
  return /blocks recomputed, fraction not printed/.test(notes);
}

/** Layers that are recomputed, where notes say how many. */
export function recomputedLayersOf({ recompute, notes = '' }: Run): Settings {
  const layers = notes.match(/\bfull recompute of (\d+) layers\b/)?.[1];
  return recompute !== 'full' || layers === undefined ? {} : { 'workload.recomputedLayers': Number(layers) };
}
