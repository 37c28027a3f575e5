/** Activations of modules on the host: Megatron-Core's fine-grained offloading, its row and rules. */
import { suggest } from '../../../psa/suggest.js';
import type { Given } from '../given.js';
import { HOST_MODULES, offloadedWritten } from '../offloadedModules.js';
import { type Row, written } from '../row.js';
import { type SettingRule, settingRule } from '../rule.js';
import { ACTIVATION_OFFLOAD, OFFLOADED_LAYERS } from './trainingRows.js';

const FINE_GRAINED = '--fine-grained-activation-offloading';
const OFFLOADED = '--offload-modules';

/** Experts as one kernel of Transformer Engine, which leave for the host together. */
const FUSED_EXPERTS = 'fused_group_mlp';

function modulesOf(given: Given): string[] {
  const names = given.texts(OFFLOADED).filter((name) => name !== FUSED_EXPERTS);
  if (names.length < given.texts(OFFLOADED).length) {
    given.note('of experts in one kernel, what their last product reads is priced as on the GPU');
    names.push('expert_fc1', 'moe_act');
  }
  const unknown = names.find((name) => !HOST_MODULES.names.includes(name));
  if (unknown !== undefined) {
    throw given.error(OFFLOADED, `${unknown} is no module`, suggest(unknown, [...HOST_MODULES.names, FUSED_EXPERTS]));
  }
  return names;
}

export const MODULE_OFFLOAD_ROW: Row = {
  settings: [FINE_GRAINED, OFFLOADED],
  targets: HOST_MODULES.targets,
  read: (given) => HOST_MODULES.read(given.has(FINE_GRAINED) ? modulesOf(given) : []),
  write: (design) => {
    const modules = offloadedWritten(design);
    return modules.length === 0 ? [] : [written(FINE_GRAINED), written(OFFLOADED, ...modules)];
  },
};

/** What Megatron-Core checks (TransformerConfig.__post_init__). */
export const MODULE_OFFLOAD_RULES: readonly SettingRule[] = [
  (given: Given) => {
    if (!given.has(FINE_GRAINED) || given.texts(OFFLOADED).length > 0) return undefined;
    return { says: `${FINE_GRAINED} needs ${OFFLOADED}`, settings: [FINE_GRAINED, OFFLOADED] };
  },
  (given: Given) => {
    const layers = given.has(ACTIVATION_OFFLOAD) || given.whole(OFFLOADED_LAYERS, 0) > 0;
    if (!given.has(FINE_GRAINED) || !layers) return undefined;
    return {
      says: 'activations are offloaded by layers or by modules',
      settings: [FINE_GRAINED, ACTIVATION_OFFLOAD, OFFLOADED_LAYERS],
    };
  },
  (given: Given) => {
    const modules = given.has(FINE_GRAINED) ? given.texts(OFFLOADED) : [];
    if (!modules.includes('attn_proj') || modules.includes('core_attn')) return undefined;
    return { says: 'attn_proj reads what core_attn still needs: offload both', settings: [OFFLOADED] };
  },
].map((broken) => settingRule('offload', broken));
