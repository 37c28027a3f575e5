/** Modules that are recomputed by themselves, by the names that Megatron-Core has for them (TransformerConfig.recompute_modules). */
import { RECOMPUTED_MODULES } from '../../kernels/workload/recomputation.js';
import type { CosmicError } from '../../psa/errors.js';
import type { ParameterName } from '../../psa/parameters.js';
import { type DesignValues, notExpressible, type TrainedDesign } from '../export/designValues.js';
import { ModuleList } from './moduleList.js';
import type { Assignments, Target } from './row.js';

/** The attention core, which `selective` of `recomputation` is. */
const CORE = 'core_attn';

const RECOMPUTED = new ModuleList(
  {
    layernorm: 'workload.recomputeNorms',
    mla_up_proj: 'workload.recomputeUpProjections',
    mlp: 'workload.recomputeMlp',
    moe: 'workload.recomputeExperts',
    moe_act: 'workload.recomputeExpertActivation',
    shared_experts: 'workload.recomputeSharedExperts',
  },
  RECOMPUTED_MODULES.map((module) => `workload.${module}` as const),
);
export const { targets: MODULE_TARGETS, none: NO_MODULES } = RECOMPUTED;
export const MEGATRON_MODULES: readonly string[] = [CORE, ...RECOMPUTED.names];

/** Every second product, which is torchtitan's. */
export const OPERATIONS = 'workload.recomputeOperations';

/** Experts without their exchanges, which Megatron-Core has no name for. */
const PRODUCTS = 'workload.recomputeExpertProducts';

/** What a list of Megatron-Core's names sets. */
export function modulesRead(names: readonly string[]): Assignments {
  return { 'workload.recomputation': names.includes(CORE) ? 'selective' : 'none', ...RECOMPUTED.read(names) };
}

/**
 * The list of a design, without modules that its model does not have.
 *
 * @throws CosmicError ARGUMENT for what is no module of Megatron-Core's
 */
export function modulesWritten({ values, model }: TrainedDesign, format: string): string[] {
  const unnamed = model.experts > 1 ? ([OPERATIONS, PRODUCTS] as const) : ([OPERATIONS] as const);
  const on = unnamed.find((target) => values.text(target) === 'on');
  if (on !== undefined) throw refused(on, format);
  const missing = [
    ...(model.kvRank > 0 ? [] : ['mla_up_proj']),
    ...(model.experts > 1 ? [] : ['moe', 'moe_act']),
    ...(model.sharedFfn > 0 ? [] : ['shared_experts']),
  ];
  const named = RECOMPUTED.written(values, missing);
  return values.text('workload.recomputation') === 'selective' ? [CORE, ...named] : named;
}

/**
 * Refuses what is offloaded where a framework has no words for it.
 *
 * @throws CosmicError ARGUMENT
 */
export function refuseOffload(values: DesignValues, format: string, names: readonly ParameterName[]): void {
  const offloaded = names.find((name) => values.number(name) > 0);
  if (offloaded !== undefined) throw notExpressible(`offloading (${offloaded})`, format, `add --set ${offloaded}=0`);
}

/** Of full recomputation: every layer by itself, as frameworks have it that know no other. */
export const EACH_LAYER: Assignments = { 'workload.recomputationBlock': 1, 'workload.recomputedLayers': 'all' };

/** What those set. */
export const EACH_LAYER_TARGETS = [
  'workload.recomputationBlock',
  'workload.recomputedLayers',
] as const satisfies readonly ParameterName[];

/**
 * Refuses blocks of layers, and some of them, where full recomputation is of each layer by itself.
 *
 * @throws CosmicError ARGUMENT
 */
export function refuseSomeLayers(values: DesignValues, format: string): void {
  if (values.text('workload.recomputation') !== 'full') return;
  const block = values.number('workload.recomputationBlock');
  if (block > 1)
    throw notExpressible(`recomputation by ${block} layers`, format, 'add --set workload.recomputationBlock=1');
  if (values.number('workload.recomputedLayers') === 0) return;
  throw notExpressible('recomputation of some layers', format, 'add --set workload.recomputedLayers=all');
}

/**
 * Refuses what a framework has no words for, but for what it has.
 *
 * @throws CosmicError ARGUMENT
 */
export function refuseModules(values: DesignValues, format: string, expressible: readonly Target[] = []): void {
  if (values.text('workload.recomputation') === 'full') return;
  const on = RECOMPUTED.firstOn(values, expressible);
  if (on !== undefined) throw refused(on, format);
}

function refused(target: Target, format: string): CosmicError {
  return notExpressible(`recomputation of a module (${target})`, format, `add --set ${target}=off`);
}
