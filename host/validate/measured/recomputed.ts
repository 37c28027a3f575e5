/** What a run recomputes, beyond what its column says: modules, policies and layers, as notes name them. */
import { keptTensors, LAYER_INPUT, REMAT_POLICIES } from '../../designs/rematPolicies.js';
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

/**
 * A policy of MaxText's: of a layer all is run again where it is needed but what is kept, on the NPU or the host; its input is kept always, on
 * the NPU unless it is said to be offloaded.
 */
function policyOf({ notes = '', layers = 0 }: Run): Settings | undefined {
  const [, policy, listed] = notes.match(/\bremat (\w+)(?:, kept: |: |\b)([^;]*)/) ?? [];
  const known = policy === undefined ? undefined : REMAT_POLICIES[policy];
  if (known === undefined) return undefined;
  const beside = listed!.split(', ').map((one) => one.split(' ') as [string, string]);
  const places = [...Object.entries(known), ...beside];
  const settings: [Target, number | string][] = keptTensors(places).map(([tensor, place]) => [
    `workload.${tensor}`,
    place,
  ]);
  if (places.some(([name, place]) => name === LAYER_INPUT && place === 'offload')) {
    settings.push(['workload.offloadedLayers', layers]);
  }
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
