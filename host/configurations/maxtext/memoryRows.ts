/** What MaxText keeps: policies of recomputation, number formats of products and states, the optimiser's place (configs/base.yml). */
import { keptTensors, LAYER_INPUT, REMAT_POLICIES, REMAT_TENSORS } from '../../designs/rematPolicies.js';
import { notExpressible } from '../../export/designValues.js';
import type { WrittenSetting } from '../configurationFile.js';
import type { Given } from '../given.js';
import { KEPT_TARGETS } from '../keptTensors.js';
import { HOST_MODULES, refuseOffloadedModules } from '../offloadedModules.js';
import {
  EACH_LAYER,
  EACH_LAYER_TARGETS,
  MODULE_TARGETS,
  NO_MODULES,
  refuseModules,
  refuseSomeLayers,
} from '../recomputedModules.js';
import { type Row, written } from '../row.js';
import { layersOf } from './modelRows.js';
import {
  ATTENTION,
  CAPACITY,
  FIRST_MOMENT,
  FORMAT,
  POLICY,
  QUANTIZATION,
  STATE_ON_HOST,
  TILES,
  WEIGHT_DTYPE,
} from './settings.js';

const PLACES = { remat: 'remat', device: 'device', offload: 'offload' } as const;
/** Tensors that a custom policy may name; what comes behind a layer's last product is needed nowhere. */
const TENSORS = [...Object.keys(REMAT_TENSORS), 'mlpwo', 'mla_q', 'mla_kv'];

/** Of the names of each kept tensor the one that is written. */
const WRITTEN_TENSORS = ['qkv_proj', 'context', 'out_proj', 'mlpwi'];

/** Policies by other names; a layer without one is checkpointed, too, and what quantisation makes counts little. */
const SAME_POLICIES: Readonly<Record<string, string>> = {
  none: 'full',
  minimal_with_quantization: 'minimal',
  minimal_with_context_and_quantization: 'minimal_with_context',
};

function policyOf(given: Given): string {
  const meant = given.choice<string>(
    POLICY,
    { ...Object.fromEntries(Object.keys(REMAT_POLICIES).map((name) => [name, name])), ...SAME_POLICIES },
    'full',
  );
  const said = given.text(POLICY);
  if (said !== undefined && Object.hasOwn(SAME_POLICIES, said)) given.note(`${POLICY} ${said} is priced as ${meant}`);
  return meant;
}

/** The first policy that keeps what a design does, where it does; undefined where none has a name. */
function policyThatKeeps(placeOf: (target: (typeof KEPT_TARGETS)[number]) => string): string | undefined {
  const named = Object.entries(REMAT_POLICIES).filter(([name]) => name !== 'custom');
  return named.find(([, places]) => {
    const kept = new Map<string, string>(
      keptTensors(Object.entries(places)).map(([name, place]) => [`workload.${name}`, place]),
    );
    return KEPT_TARGETS.every((target) => placeOf(target) === (kept.get(target) ?? 'off'));
  })?.[0];
}

/** What is kept besides inputs of layers: by a policy, or tensor by tensor. */
const recomputation: Row = {
  settings: [POLICY, LAYER_INPUT, ...TENSORS],
  targets: [
    ...(['workload.recomputation', 'workload.offloadedLayers'] as const),
    ...[...EACH_LAYER_TARGETS, ...MODULE_TARGETS, ...HOST_MODULES.targets, ...KEPT_TARGETS],
  ],
  read: (given) => {
    const policy = policyOf(given);
    const isCustom = policy === 'custom';
    const listed = TENSORS.map((name): [string, string] => [name, given.choice(name, PLACES, 'remat')]);
    const kept = keptTensors(isCustom ? listed : Object.entries(REMAT_POLICIES[policy]!));
    const inputsLeave = isCustom && given.choice(LAYER_INPUT, PLACES, 'device') === 'offload';
    return {
      ...{ ...NO_MODULES, ...HOST_MODULES.none, ...EACH_LAYER, 'workload.recomputation': 'full' },
      ...Object.fromEntries(KEPT_TARGETS.map((target) => [target, 'off'])),
      ...Object.fromEntries(kept.map(([tensor, place]) => [`workload.${tensor}`, place])),
      'workload.offloadedLayers': inputsLeave ? layersOf(given) : 'none',
    };
  },
  write: ({ values, model }) => {
    refuseModules(values, FORMAT);
    refuseOffloadedModules(values, FORMAT);
    if (values.text('workload.recomputation') !== 'full') {
      throw notExpressible('layers that keep all', FORMAT, 'add --set workload.recomputation=full');
    }
    refuseSomeLayers(values, FORMAT);
    const leaving = values.number('workload.offloadedLayers');
    if (leaving !== 0 && leaving < model.layers / values.number('workload.pp')) {
      throw notExpressible('inputs of some layers on the host', FORMAT, 'add --set workload.offloadedLayers=none');
    }
    const kept = KEPT_TARGETS.filter((target) => values.text(target) !== 'off');
    const names = kept.map((target) => WRITTEN_TENSORS.find((name) => `workload.${REMAT_TENSORS[name]}` === target)!);
    const places = names.map((name, i) => written(name, values.text(kept[i]!) === 'host' ? 'offload' : 'device'));
    const policy = leaving === 0 ? policyThatKeeps((target) => values.text(target)) : undefined;
    if (policy !== undefined) return [written(POLICY, policy)];
    return [written(POLICY, 'custom'), ...places, ...(leaving > 0 ? [written(LAYER_INPUT, 'offload')] : [])];
  },
};

/** Formats of products (layers/quantizations.py): in fp8 of flax scales are those of before. */
const FORMATS: Readonly<Record<string, string>> = {
  '': 'bf16',
  int8: 'int8',
  fp8: 'fp8Delayed',
  nanoo_fp8: 'fp8Delayed',
  fp8_full: 'fp8',
  fp8_gpu: 'fp8',
  fp8_nanoo: 'fp8',
  te_fp8_delayedscaling: 'fp8Delayed',
  te_fp8_currentscaling: 'fp8',
  te_mxfp8: 'mxfp8',
  te_nvfp4: 'nvfp4',
};
const WRITTEN_FORMATS = { int8: 'int8', fp8Delayed: 'fp8', fp8: 'fp8_full', mxfp8: 'te_mxfp8', nvfp4: 'te_nvfp4' };

const precision: Row = {
  settings: [QUANTIZATION],
  targets: ['workload.precision'],
  read: (given) => ({ 'workload.precision': given.choice(QUANTIZATION, FORMATS, 'bf16') }),
  write: ({ values }) => {
    const format = values.text('workload.precision');
    if (format === 'bf16') return [];
    const name = (WRITTEN_FORMATS as Readonly<Record<string, string>>)[format];
    if (name !== undefined) return [written(QUANTIZATION, name)];
    throw notExpressible(`products in ${format}`, FORMAT, 'add --set workload.precision=bf16');
  },
};

const BYTES = { float32: 4, bfloat16: 2, float16: 2 } as const;

/** Bytes of the optimiser's copy of a weight, of a moment and of a gradient that is kept, for the type of weights. */
const STATES: Readonly<Record<'float32' | 'bfloat16', readonly [number, number, number]>> = {
  float32: [4, 4, 4],
  bfloat16: [0, 2, 2],
};
const STATE_TARGETS = ['workload.masterWeightBytes', 'workload.momentBytes', 'workload.mainGradientBytes'] as const;

/** Gradients and second moments have the type of their weights, first moments too unless they are given one (optimizers.py; optax.adamw). */
const state: Row = {
  settings: [WEIGHT_DTYPE, FIRST_MOMENT],
  targets: STATE_TARGETS,
  read: (given) => {
    const weights = given.choice(WEIGHT_DTYPE, BYTES, 4) === 4 ? 'float32' : 'bfloat16';
    const [copy, moment, gradient] = STATES[weights];
    const first = given.choice(FIRST_MOMENT, BYTES, moment as 2 | 4);
    return {
      'workload.masterWeightBytes': copy,
      'workload.momentBytes': (first + moment) / 2,
      'workload.mainGradientBytes': gradient,
    };
  },
  write: ({ values }) => {
    const [copy, moment, gradient] = STATE_TARGETS.map((target) => values.number(target));
    const weights = (['float32', 'bfloat16'] as const).find(
      (name) => STATES[name][0] === copy && STATES[name][2] === gradient,
    );
    const first = weights === undefined ? 0 : 2 * moment! - STATES[weights][1];
    if (weights === undefined || (first !== 2 && first !== 4)) {
      throw notExpressible('an optimiser state of these bytes', FORMAT, 'choose 4, 4 and 4 bytes, or 0, 2 and 2');
    }
    const own = STATES[weights][1] === first ? [] : [written(FIRST_MOMENT, first === 2 ? 'bfloat16' : 'float32')];
    return [written(WEIGHT_DTYPE, weights), ...own];
  },
};

const onHost: Row = {
  settings: [STATE_ON_HOST],
  targets: ['workload.optimizerOffload'],
  read: (given) => {
    const leaves = given.truth(STATE_ON_HOST, false);
    if (leaves) given.note(`${STATE_ON_HOST} is priced as an optimiser that the host runs`);
    return { 'workload.optimizerOffload': leaves ? 1 : 0 };
  },
  write: ({ values }): readonly WrittenSetting[] => {
    const share = values.number('workload.optimizerOffload');
    if (share === 0 || share === 1) return share === 0 ? [] : [written(STATE_ON_HOST, 'true')];
    throw notExpressible('a part of the optimiser on the host', FORMAT, 'choose 0 or 1');
  },
};

const attention: Row = {
  settings: [ATTENTION],
  targets: ['workload.attention'],
  read: (given) => ({ 'workload.attention': given.text(ATTENTION) === 'dot_product' ? 'unfused' : 'fused' }),
  write: ({ values }) => [
    written(ATTENTION, values.text('workload.attention') === 'unfused' ? 'dot_product' : 'autoselected'),
  ],
};

/** Tiles of logits that are written: how many they are is not simulated. */
const TILED = 8;

/** Logits in tiles; without, what the software has. */
const loss: Row = {
  settings: [TILES],
  targets: ['workload.loss'],
  read: (given) => (given.count(TILES, 1) > 1 ? { 'workload.loss': 'chunked' } : {}),
  write: ({ values }) => (values.text('workload.loss') === 'chunked' ? [written(TILES, TILED)] : []),
};
const capacity: Row = {
  settings: [CAPACITY],
  targets: ['workload.expertCapacity'],
  read: (given) => {
    const factor = given.number(CAPACITY, -1);
    return { 'workload.expertCapacity': factor > 0 ? factor : 'none' };
  },
  write: ({ values, model }) => {
    const factor = values.number('workload.expertCapacity');
    return model.experts === 1 || factor === 0 ? [] : [written(CAPACITY, factor)];
  },
};

export const MEMORY_ROWS: readonly Row[] = [recomputation, precision, state, onHost, attention, loss, capacity];
