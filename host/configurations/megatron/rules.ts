/** What Megatron-LM checks before it trains (validate_args in megatron/training/arguments.py; TransformerConfig of Megatron-Core). */
import { chunks, type Facts } from '../facts.js';
import type { Given } from '../given.js';
import {
  ATTENTION_KERNEL,
  BATCH,
  type Broken,
  EVEN_LAYERS,
  EXCHANGED_HEADS,
  EXPERTS,
  type FactRule,
  FFN,
  HEAD_SIZE,
  HEADS,
  INTERLEAVING,
  KV_HEADS,
  PRECISION,
  SEQUENCE as SEQUENCE_LENGTH,
  type SettingRule,
  STATE_HEADS,
  settingRule,
  WORLD,
  type Words,
} from '../rule.js';
import { DEEPSPEED_RULES } from './deepspeedRows.js';
import { MODULE_OFFLOAD_RULES } from './moduleOffload.js';
import {
  CAPACITY,
  CONTEXT,
  DEEPEP,
  DISPATCHER,
  dataParallel,
  EXPERT,
  EXPERT_TENSOR,
  GLOBAL_BATCH,
  MICRO_BATCH,
  PIPELINE,
  SEQUENCE,
  TENSOR,
} from './parallelRows.js';
import {
  CHUNKS,
  COUNT_EMBEDDING,
  COUNT_LOSS,
  FIRST_STAGE,
  LAST_STAGE,
  LAYOUT,
  layoutLayers,
  PER_CHUNK,
} from './stageRows.js';
import {
  DISTRIBUTED,
  GRANULARITY,
  INSTANCES,
  METHOD,
  OFFLOADED_LAYERS,
  OPTIMIZER_OFFLOAD,
  OVERLAP_GATHER,
  OVERLAP_REDUCE,
  OVERLAP_TENSOR,
  PRECISION_AWARE,
} from './trainingRows.js';

export const WORDS: Words = {
  tp: TENSOR,
  sp: CONTEXT,
  pp: PIPELINE,
  ep: EXPERT,
  etp: EXPERT_TENSOR,
  batch: GLOBAL_BATCH,
  microBatch: MICRO_BATCH,
  heads: '--num-attention-heads',
  kvHeads: '--num-query-groups',
  layers: '--num-layers',
  hidden: '--hidden-size',
  ffn: '--ffn-hidden-size',
  experts: '--num-experts',
  seq: '--seq-length',
};

/** With a mixture and tensor parallelism the sequence has to be split (TransformerConfig). */
const MIXTURE_SEQUENCE: FactRule = {
  rule: 'sequence parallelism',
  broken: ({ model, number, text }) => {
    const whole = text('workload.sequenceParallel') === 'off' && number('workload.tp') > 1;
    if (model.experts === 1 || !whole) return undefined;
    const says = `experts with tensor parallel ${number('workload.tp')} need ${SEQUENCE}`;
    return { says, settings: ['--num-experts', TENSOR, SEQUENCE] };
  },
};

/** Interleaving over two stages needs sends that overlap. */
const TWO_STAGES: FactRule = {
  rule: 'interleaved schedule',
  broken: ({ number, text }) => {
    const interleaved = text('workload.pipelineSchedule') === 'interleaved' && number('workload.virtualStages') > 1;
    if (!interleaved || number('workload.pp') > 2 || text('workload.pipelineOverlap') === 'on') return undefined;
    const says = 'interleaving over two stages needs sends that overlap with compute';
    return { says, settings: [PIPELINE, '--no-overlap-p2p-communication'] };
  },
};

/** Where the layers of an end are said, each stage's are cut into chunks of one size (TransformerConfig). */
const STATED_CHUNKS: FactRule = {
  rule: 'layers',
  broken: (facts) => {
    const ends = [facts.number('workload.firstStageLayers'), facts.number('workload.lastStageLayers')];
    const stated = ends.filter((layers) => layers > 0);
    const others = facts.number('workload.pp') - stated.length;
    if (stated.length === 0 || others < 0) return undefined;
    const inner = stated.reduce((rest, own) => rest - own, facts.model.layers) / Math.max(others, 1);
    const odd = [...stated, inner].find((layers) => Number.isInteger(layers) && layers % chunks(facts) !== 0);
    if (odd === undefined) return undefined;
    const says = `${odd} layers of a stage are no multiple of ${chunks(facts)} model chunks`;
    return { says, settings: [FIRST_STAGE, LAST_STAGE, CHUNKS] };
  },
};

/** Context parallelism is of fused attention alone. */
const CONTEXT_ATTENTION: FactRule = {
  rule: 'attention kernel',
  broken: ({ number, text }) =>
    number('workload.sp') > 1 && text('workload.attention') === 'unfused'
      ? { says: 'context parallelism needs fused attention', settings: [CONTEXT, '--attention-backend'] }
      : undefined,
};

export const FACT_RULES: readonly FactRule[] = [
  WORLD,
  HEAD_SIZE,
  HEADS,
  KV_HEADS,
  STATE_HEADS,
  ATTENTION_KERNEL,
  CONTEXT_ATTENTION,
  FFN,
  BATCH,
  INTERLEAVING,
  TWO_STAGES,
  STATED_CHUNKS,
  SEQUENCE_LENGTH,
  EXCHANGED_HEADS,
  EXPERTS,
  MIXTURE_SEQUENCE,
  PRECISION,
];

/** `flag` needs one of `needed`. */
function needs(given: Given, flag: string, needed: readonly string[], what = needed.join(' or ')): Broken {
  if (!given.has(flag) || needed.some((name) => given.has(name))) return undefined;
  return { says: `${flag} needs ${what}`, settings: [flag, ...needed] };
}

function excludes(given: Given, one: string, other: string): Broken {
  if (!given.has(one) || !given.has(other)) return undefined;
  return { says: `${one} and ${other} exclude one another`, settings: [one, other] };
}

const FSDP = ['--use-megatron-fsdp', '--use-custom-fsdp'];

function layoutBroken(layout: string, { model, number }: Facts): Broken {
  const stages = layoutLayers(layout, 't');
  const pp = number('workload.pp');
  if (stages.length % pp !== 0) {
    const says = `${stages.length} stages of the layout are no multiple of pipeline parallel ${pp}`;
    return { says, settings: [LAYOUT, PIPELINE] };
  }
  const layers = stages.reduce((sum, n) => sum + n, 0);
  if (layers === model.layers) return undefined;
  return { says: `the layout has ${layers} layers, the model ${model.layers}`, settings: [LAYOUT, '--num-layers'] };
}

/** Layers of stages: even, unless the first, the last or all are said. */
function stagesBroken(given: Given, facts: Facts): Broken {
  const layout = given.text(LAYOUT);
  if (layout !== undefined) return layoutBroken(layout, facts);
  const ends = [FIRST_STAGE, LAST_STAGE].filter((name) => given.has(name));
  if (ends.length === 0) {
    const uneven = EVEN_LAYERS.broken(facts, WORDS);
    return uneven && { ...uneven, says: `${uneven.says}, and neither ${LAST_STAGE} nor ${LAYOUT} says what each has` };
  }
  const inner = facts.model.layers - ends.reduce((sum, name) => sum + given.count(name, 0), 0);
  const others = facts.number('workload.pp') - ends.length;
  if (others === 0 ? inner === 0 : inner >= others && inner % others === 0) return undefined;
  return { says: `${inner} layers are no multiple of the ${others} stages between`, settings: [...ends, PIPELINE] };
}

/** A layout says where layers are that predict later tokens, too (PipelineParallelLayerLayout.validate_layer_layout). */
function laterLayersBroken(given: Given, { model }: Facts): Broken {
  const layout = given.text(LAYOUT);
  const isDescribed = given.has('--num-layers') || given.has('--mtp-num-layers');
  if (layout === undefined || !isDescribed) return undefined;
  const later = layoutLayers(layout, 'm').reduce((sum, n) => sum + n, 0);
  if (later === model.mtpLayers) return undefined;
  const says = `the layout has ${later} layers that predict later tokens, the model ${model.mtpLayers}`;
  return { says, settings: [LAYOUT, '--mtp-num-layers'] };
}

function layersPerChunk(given: Given): Broken {
  const each = given.count(PER_CHUNK);
  if (each === undefined) return undefined;
  const pp = given.count(PIPELINE, 1);
  if (pp === 1) return { says: `${PER_CHUNK} needs more than one pipeline stage`, settings: [PER_CHUNK, PIPELINE] };
  const layers = given.model?.layers ?? given.count('--num-layers', 1);
  const perStage = (layers + [COUNT_EMBEDDING, COUNT_LOSS].filter((name) => given.has(name)).length) / pp;
  if (!Number.isInteger(perStage) || perStage % each === 0) return undefined;
  return {
    says: `${perStage} layers of a stage are no multiple of ${each} of a model chunk`,
    settings: [PER_CHUNK, PIPELINE],
  };
}

/** Arguments of before 2021, which are still known and refused, and those in their place. */
const GONE: Readonly<Record<string, string>> = {
  '--batch-size': '--micro-batch-size',
  '--model-parallel-size': '--tensor-model-parallel-size',
  '--warmup': '--lr-warmup-fraction',
};

function goneArguments(given: Given): Broken {
  const gone = Object.keys(GONE).find((name) => given.has(name));
  if (gone === undefined) return undefined;
  return { says: `${gone} is no longer taken: ${GONE[gone]} has its place`, settings: [gone] };
}

export const SETTING_RULES: readonly SettingRule[] = [
  settingRule('arguments', goneArguments),
  settingRule('layers', stagesBroken),
  settingRule('layers', laterLayersBroken),
  settingRule('layers', layersPerChunk),
  settingRule('overlaps', (given) => needs(given, OVERLAP_GATHER, [DISTRIBUTED, ...FSDP], DISTRIBUTED)),
  settingRule('overlaps', (given) => needs(given, OVERLAP_GATHER, [OVERLAP_REDUCE])),
  settingRule('overlaps', (given, facts) =>
    given.has(OVERLAP_TENSOR) && (!given.has(SEQUENCE) || facts.number('workload.tp') === 1)
      ? {
          says: `${OVERLAP_TENSOR} needs ${SEQUENCE} and tensor parallelism`,
          settings: [OVERLAP_TENSOR, SEQUENCE, TENSOR],
        }
      : undefined,
  ),
  settingRule('recomputation', (given) =>
    given.text(GRANULARITY) === 'full' ? needs(given, GRANULARITY, [METHOD]) : undefined,
  ),
  settingRule('recomputation', (given) =>
    given.text(GRANULARITY) === 'selective' ? excludes(given, GRANULARITY, METHOD) : undefined,
  ),
  settingRule('recomputation', (given) => excludes(given, '--recompute-activations', METHOD)),
  settingRule('offload', (given) => needs(given, OPTIMIZER_OFFLOAD, [PRECISION_AWARE])),
  settingRule('offload', (given) => {
    if (given.whole(OFFLOADED_LAYERS, 0) === 0) return undefined;
    const pipeline = given.count(PIPELINE, 1) > 1;
    if (!pipeline && !given.has(GRANULARITY)) return undefined;
    const says = `layers are offloaded without ${pipeline ? 'pipeline parallelism' : 'recomputation'} alone`;
    return { says, settings: [OFFLOADED_LAYERS, pipeline ? PIPELINE : GRANULARITY] };
  }),
  ...MODULE_OFFLOAD_RULES,
  settingRule('number format', (given) => excludes(given, '--bf16', '--fp16')),
  settingRule('number format', (given) => excludes(given, '--fp8-format', '--fp4-format')),
  settingRule('positions', (given, { model }) => {
    const setting = '--max-position-embeddings';
    const most = given.count(setting);
    if (most === undefined || most >= model.seq) return undefined;
    return {
      says: `${most} positions are fewer than ${model.seq} tokens of a sequence`,
      settings: [setting, '--seq-length'],
    };
  }),
  settingRule('capacity of experts', (given) => {
    if (!given.has(CAPACITY) || given.text(DISPATCHER)?.startsWith('alltoall')) return undefined;
    return { says: `${CAPACITY} needs ${DISPATCHER} alltoall`, settings: [CAPACITY, DISPATCHER] };
  }),
  settingRule('dispatcher of tokens', (given) => {
    if (!given.has(DEEPEP) || given.text(DISPATCHER) === 'flex') return undefined;
    return { says: `${DEEPEP} needs ${DISPATCHER} flex`, settings: [DEEPEP, DISPATCHER] };
  }),
  settingRule('context exchange', (given) => {
    const sizes = given.texts('--hierarchical-context-parallel-sizes').map(Number);
    const cp = given.count(CONTEXT, 1);
    if (sizes.length > 0 && sizes.reduce((product, n) => product * n, 1) !== cp) {
      return {
        says: `sizes ${sizes.join(' × ')} are not context parallel ${cp}`,
        settings: ['--hierarchical-context-parallel-sizes', CONTEXT],
      };
    }
    return cp > 1 && given.text('--cp-comm-type') === 'a2a+p2p'
      ? needs(given, '--cp-comm-type', ['--hierarchical-context-parallel-sizes'])
      : undefined;
  }),
  settingRule('sharding', (given, facts) => {
    if (!given.has('--use-torch-fsdp2')) return undefined;
    const strange = facts.number('workload.pp') > 1 ? PIPELINE : facts.number('workload.ep') > 1 ? EXPERT : undefined;
    if (strange !== undefined) return excludes(given, '--use-torch-fsdp2', strange);
    return excludes(given, '--use-torch-fsdp2', DISTRIBUTED);
  }),
  settingRule('sharding', (given) => {
    const instances = given.count(INSTANCES, 1);
    if (instances === 1) return undefined;
    const ranks = dataParallel(given) * given.count(CONTEXT, 1);
    if (ranks % instances === 0) return needs(given, INSTANCES, [DISTRIBUTED]);
    const says = `${ranks} data- and context-parallel ranks are no multiple of ${instances} copies of the state`;
    return { says, settings: [INSTANCES, CONTEXT] };
  }),
  settingRule('attention', (given) => excludes(given, '--multi-latent-attention', '--group-query-attention')),
  ...DEEPSPEED_RULES,
];
