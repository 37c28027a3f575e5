/**
 * Modules whose kept activations lie on the host, by the names that Megatron-Core has for them (TransformerConfig.offload_modules;
 * its user guide, "Fine-grained activation offloading").
 */
import { OFFLOADED_MODULES, type OffloadedModule } from '../../kernels/workload/operation.js';
import { type DesignValues, notExpressible, type TrainedDesign } from '../export/designValues.js';
import type { Assignments, Target } from './row.js';

const MEGATRON_NAMES: Readonly<Record<string, OffloadedModule>> = {
  attn_norm: 'offloadAttentionNorm',
  qkv_linear: 'offloadQkv',
  core_attn: 'offloadAttentionCore',
  attn_proj: 'offloadProjection',
  mlp_norm: 'offloadMlpNorm',
  expert_fc1: 'offloadExperts',
  moe_act: 'offloadExpertActivation',
};
export const MEGATRON_OFFLOADED: readonly string[] = Object.keys(MEGATRON_NAMES);

export const OFFLOADED_TARGETS = OFFLOADED_MODULES.map((module) => `workload.${module}` as const) satisfies Target[];

/** None of them. */
export const NONE_OFFLOADED: Assignments = Object.fromEntries(OFFLOADED_TARGETS.map((target) => [target, 'off']));

/** What a list of Megatron-Core's names sets. */
export function offloadedRead(names: readonly string[]): Assignments {
  const on = names.flatMap((name) => (Object.hasOwn(MEGATRON_NAMES, name) ? [MEGATRON_NAMES[name]!] : []));
  return { ...NONE_OFFLOADED, ...Object.fromEntries(on.map((module) => [`workload.${module}`, 'on'])) };
}

/** The list of a design, without modules that its model does not have. */
export function offloadedWritten({ values, model }: TrainedDesign): string[] {
  const missing = model.experts > 1 ? [] : ['expert_fc1', 'moe_act'];
  return Object.entries(MEGATRON_NAMES)
    .filter(([name, module]) => !missing.includes(name) && values.text(`workload.${module}`) === 'on')
    .map(([name]) => name);
}

/**
 * Refuses them where a framework has no words for it.
 *
 * @throws CosmicError ARGUMENT
 */
export function refuseOffloadedModules(values: DesignValues, format: string): void {
  const on = OFFLOADED_TARGETS.find((target) => values.text(target) === 'on');
  if (on !== undefined) throw notExpressible(`offloading of a module (${on})`, format, `add --set ${on}=off`);
}
