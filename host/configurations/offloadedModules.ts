/**
 * Modules whose kept activations lie on the host, by the names that Megatron-Core has for them (TransformerConfig.offload_modules;
 * its user guide, "Fine-grained activation offloading").
 */
import { OFFLOADED_MODULES } from '../../kernels/workload/operation.js';
import { type DesignValues, notExpressible, type TrainedDesign } from '../export/designValues.js';
import { ModuleList } from './moduleList.js';

export const HOST_MODULES = new ModuleList(
  {
    attn_norm: 'workload.offloadAttentionNorm',
    qkv_linear: 'workload.offloadQkv',
    core_attn: 'workload.offloadAttentionCore',
    attn_proj: 'workload.offloadProjection',
    mlp_norm: 'workload.offloadMlpNorm',
    expert_fc1: 'workload.offloadExperts',
    moe_act: 'workload.offloadExpertActivation',
  },
  OFFLOADED_MODULES.map((module) => `workload.${module}` as const),
);

/** The list of a design. */
export function offloadedWritten({ values, model }: TrainedDesign): string[] {
  return HOST_MODULES.written(values, model.experts > 1 ? [] : ['expert_fc1', 'moe_act']);
}

/**
 * Refuses them where a framework has no words for it.
 *
 * @throws CosmicError ARGUMENT
 */
export function refuseOffloadedModules(values: DesignValues, format: string): void {
  const on = HOST_MODULES.firstOn(values);
  if (on !== undefined) throw notExpressible(`offloading of a module (${on})`, format, `add --set ${on}=off`);
}
