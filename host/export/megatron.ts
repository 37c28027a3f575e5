/**
 * The parallelism of a design as arguments of Megatron-LM (github.com/NVIDIA/Megatron-LM, megatron/training/arguments.py).
 */

import { layerKinds } from '../../psa/layerKinds.js';
import type { ParameterName } from '../../psa/parameters.js';
import type { CompiledSpace, ModelPhase } from '../../psa/space.js';
import { isInOrder, notExpressible, type TrainedDesign, trainedDesign } from './designValues.js';

const FORMAT = 'Megatron-LM';

/** Its order of ranks, innermost first, and that of --use-tp-pp-dp-mapping. */
const DEFAULT_ORDER = ['tp', 'sp', 'ep', 'dp', 'pp'];
const PIPELINE_BEFORE_DATA_ORDER = ['tp', 'sp', 'ep', 'pp', 'dp'];

type Argument = readonly [flag: string, ...values: (string | number)[]];

/** How context-parallel ranks come by keys and values. */
const CONTEXT_EXCHANGE: Readonly<Record<string, string>> = {
  allGather: 'all_gather',
  allToAll: 'a2a',
  ring: 'p2p',
  twoLevel: 'a2a+p2p',
};

function contextArguments(sp: number, values: TrainedDesign['values']): Argument[] {
  if (sp === 1) return [];
  const exchange = values.text('workload.contextExchange');
  const inner = values.number('workload.contextInner');
  return [
    ['--cp-comm-type', CONTEXT_EXCHANGE[exchange]!],
    ...(exchange === 'twoLevel' ? ([['--hierarchical-context-parallel-sizes', inner, sp / inner]] as const) : []),
  ];
}

/** Experts that lie apart, and what each takes. */
function expertArguments(values: TrainedDesign['values']): Argument[] {
  const etp = values.number('workload.etp');
  const capacity = values.number('workload.expertCapacity');
  return [
    ...(etp > 0 ? ([['--expert-tensor-parallel-size', etp]] as const) : []),
    ...(capacity > 0
      ? ([['--moe-expert-capacity-factor', capacity], ['--moe-pad-expert-input-to-capacity']] as const)
      : []),
  ];
}

function parallelArguments({ values, axes: used }: TrainedDesign): Argument[] {
  if (!isInOrder(used, DEFAULT_ORDER) && !isInOrder(used, PIPELINE_BEFORE_DATA_ORDER)) {
    const order = values.text('workload.axisOrder');
    throw notExpressible(`axes laid as ${order}`, FORMAT, 'add --set workload.axisOrder=tp-sp-ep-dp-pp, or -pp-dp');
  }
  const ep = values.number('workload.ep');
  const sequenceParallel = values.text('workload.sequenceParallel') === 'on' && values.number('workload.tp') > 1;
  return [
    ['--tensor-model-parallel-size', values.number('workload.tp')],
    ['--context-parallel-size', values.number('workload.sp')],
    ...contextArguments(values.number('workload.sp'), values),
    ['--pipeline-model-parallel-size', values.number('workload.pp')],
    ...(ep > 1 ? ([['--expert-model-parallel-size', ep]] as const) : []),
    ...expertArguments(values),
    ...(sequenceParallel ? ([['--sequence-parallel']] as const) : []),
    ...(isInOrder(used, DEFAULT_ORDER) ? [] : ([['--use-tp-pp-dp-mapping']] as const)),
  ];
}

function scheduleArguments({ values, model: { layers } }: TrainedDesign): Argument[] {
  const pp = values.number('workload.pp');
  const schedule = values.text('workload.pipelineSchedule');
  if (pp > 1 && schedule !== '1f1b' && schedule !== 'interleaved') {
    const name = schedule === 'gpipe' ? 'GPipe schedule' : `schedule ${schedule}`;
    throw notExpressible(`the ${name}`, FORMAT, 'add --set workload.pipelineSchedule=1f1b');
  }
  const chunks = pp > 1 && schedule === 'interleaved' ? values.number('workload.virtualStages') : 1;
  const group = values.number('workload.interleaveGroup');
  const grouped: Argument[] =
    chunks > 1 && group > 0 ? [['--microbatch-group-size-per-virtual-pipeline-stage', group]] : [];
  if (layers % (pp * chunks) === 0) {
    return chunks === 1 ? [] : [['--num-layers-per-virtual-pipeline-stage', layers / (pp * chunks)], ...grouped];
  }
  if (chunks === 1) return [['--pipeline-model-parallel-layout', `'${unevenLayout(layers, pp)}'`]];
  throw notExpressible(`${layers} layers on ${pp * chunks} stages`, FORMAT, 'choose stages that divide the layers');
}

/** Stages of unlike size, the earlier ones a layer larger: `Et*8|t*8|t*7L` with embedding and loss. */
function unevenLayout(layers: number, stages: number): string {
  const sizes = Array.from({ length: stages }, (_, s) => Math.floor(layers / stages) + (s < layers % stages ? 1 : 0));
  return `E${sizes.map((size) => `t*${size}`).join('|')}L`;
}

/** What runs beside compute. */
function overlapArguments({ values }: TrainedDesign): Argument[] {
  const is = (name: ParameterName, value: string) => values.text(name) === value;
  const overlapped = is('workload.gradientOverlap', 'on');
  const tensor = is('workload.sequenceParallel', 'on') && values.number('workload.tp') > 1;
  const interleaved = is('workload.pipelineSchedule', 'interleaved') && values.number('workload.pp') > 1;
  return [
    ...(overlapped ? ([['--overlap-grad-reduce']] as const) : []),
    ...(overlapped && !is('workload.weightSharding', 'none') ? ([['--overlap-param-gather']] as const) : []),
    ...(tensor && is('workload.tensorOverlap', 'on') ? ([['--tp-comm-overlap']] as const) : []),
    ...(interleaved && is('workload.pipelineOverlap', 'off') ? ([['--no-overlap-p2p-communication']] as const) : []),
    ...(values.number('workload.gradientBytes') === 2 ? ([['--grad-reduce-in-bf16']] as const) : []),
  ];
}

const RECOMPUTATION: Readonly<Record<string, readonly Argument[]>> = {
  none: [],
  selective: [['--recompute-granularity', 'selective']],
  full: [
    ['--recompute-granularity', 'full'],
    ['--recompute-method', 'uniform'],
    ['--recompute-num-layers', 1],
  ],
};

const SHARDING: Readonly<Record<string, readonly Argument[]>> = {
  none: [],
  zero1: [['--use-distributed-optimizer']],
  zero2: [
    ['--use-distributed-optimizer'],
    ['--use-megatron-fsdp'],
    ['--data-parallel-sharding-strategy', 'optim_grads'],
  ],
  zero3: [
    ['--use-distributed-optimizer'],
    ['--use-megatron-fsdp'],
    ['--data-parallel-sharding-strategy', 'optim_grads_params'],
  ],
};

/** What of a model Megatron-LM's arguments cannot say; undefined where there is nothing. */
function strange(model: ModelPhase): string | undefined {
  if (model.patch > 0) return 'a vision transformer';
  if (model.parallelBlock) return 'attention and MLP beside one another';
  if (model.norms !== 2) return `${model.norms} norms a layer`;
  if (model.qkNorm === 'full') return 'norms of queries and keys over all heads';
  if (layerKinds(model).some(({ window }) => window !== undefined)) return 'local layers';
  if (model.positions > 0 && model.positions < model.seq) return `${model.positions} positions`;
  return model.attentionBias === 'all' || !model.mlpBias ? undefined : 'biases of the MLP alone';
}

function attentionArguments(model: ModelPhase): Argument[] {
  if (model.kvRank > 0) {
    return [
      ['--multi-latent-attention'],
      ...(model.queryRank > 0 ? ([['--q-lora-rank', model.queryRank]] as const) : []),
      ['--kv-lora-rank', model.kvRank],
      ['--qk-head-dim', model.headDim - model.ropeDim],
      ['--qk-pos-emb-head-dim', model.ropeDim],
      ['--v-head-dim', model.valueDim],
    ];
  }
  const grouped = model.kvHeads < model.heads;
  return [
    ...(model.headDim * model.heads === model.hidden ? [] : ([['--kv-channels', model.headDim]] as const)),
    ...(grouped ? ([['--group-query-attention'], ['--num-query-groups', model.kvHeads]] as const) : []),
    ...(model.qkNorm === 'head' ? ([['--qk-layernorm']] as const) : []),
  ];
}

/** A tokenizer that knows no words but how many there are, and adds one: the vocabulary as it was simulated, whole on each rank. */
function vocabularyArguments({ vocab }: ModelPhase): Argument[] {
  return [
    ['--tokenizer-type', 'NullTokenizer'],
    ['--vocab-size', vocab - 1],
    ['--make-vocab-size-divisible-by', 1],
  ];
}

/** All products add a bias, or none but those of queries, keys and values. */
function biasArguments({ attentionBias, mlpBias }: ModelPhase): Argument[] {
  if (attentionBias === 'all' && mlpBias) return [];
  return [['--disable-bias-linear'], ...(attentionBias === 'none' ? [] : ([['--add-qkv-bias']] as const))];
}

/** 1 for a mixture, 0 for a dense layer, in the order of the layers. */
function mixtureLayers({ layers, leadingDense, mixtureEvery }: ModelPhase): string {
  const routed = (layer: number) => layer >= leadingDense && (layer + 1) % mixtureEvery === 0;
  return `[${Array.from({ length: layers }, (_, layer) => (routed(layer) ? 1 : 0)).join(',')}]`;
}

function mixtureArguments(model: ModelPhase): Argument[] {
  if (model.experts === 1) return [];
  const mixed = layerKinds(model).some(({ routed }) => !routed);
  return [
    ['--num-experts', model.experts],
    ['--moe-router-topk', model.expertsPerToken],
    ['--moe-ffn-hidden-size', model.ffn],
    ...(mixed ? ([['--moe-layer-freq', mixtureLayers(model)]] as const) : []),
    ...(model.sharedFfn > 0 ? ([['--moe-shared-expert-intermediate-size', model.sharedFfn]] as const) : []),
  ];
}

function modelArguments(model: ModelPhase): Argument[] {
  const cannot = strange(model);
  if (cannot !== undefined) throw notExpressible(cannot, FORMAT, 'choose another model by --model');
  return [
    ['--num-layers', model.layers],
    ['--hidden-size', model.hidden],
    ['--ffn-hidden-size', model.experts > 1 ? model.denseFfn : model.ffn],
    ['--num-attention-heads', model.heads],
    ...attentionArguments(model),
    ['--seq-length', model.seq],
    ['--max-position-embeddings', Math.max(model.seq, model.positions)],
    ['--position-embedding-type', model.learnedPositions ? 'learned_absolute' : 'rope'],
    ['--normalization', model.learnedPositions || model.norm === 'layer' ? 'LayerNorm' : 'RMSNorm'],
    ...(model.gated ? ([['--swiglu']] as const) : []),
    ...vocabularyArguments(model),
    ...(model.tiedEmbeddings ? [] : ([['--untie-embeddings-and-output-weights']] as const)),
    ...biasArguments(model),
    ...(model.dropout
      ? []
      : ([
          ['--attention-dropout', 0],
          ['--hidden-dropout', 0],
        ] as const)),
    ...mixtureArguments(model),
    ...(model.mtpLayers > 0 ? ([['--mtp-num-layers', model.mtpLayers]] as const) : []),
  ];
}

/**
 * A design as arguments of Megatron-LM's pretrain_gpt.py: parallelism, schedule and overlaps, batches, recomputation and
 * the model as it was simulated. Run
 * it on as many GPUs as the design has NPUs.
 *
 * @returns one flag with its values per element
 * @throws CosmicError ARGUMENT where Megatron-LM cannot do what the design does
 */
export function megatronArguments(space: CompiledSpace, design: Float64Array): string[] {
  const trained = trainedDesign(space, design, FORMAT);
  const { values, model, batch, microBatch } = trained;
  if (!Number.isInteger(microBatch)) {
    throw notExpressible(`a micro-batch of ${microBatch} sequences`, FORMAT, 'choose a batch that the replicas divide');
  }
  const all: readonly Argument[] = [
    ...parallelArguments(trained),
    ...scheduleArguments(trained),
    ...overlapArguments(trained),
    ['--micro-batch-size', microBatch],
    ['--global-batch-size', batch],
    ...RECOMPUTATION[values.text('workload.recomputation')]!,
    ...SHARDING[values.text('workload.weightSharding')]!,
    ...(values.text('workload.attention') === 'fused' ? ([['--attention-backend', 'flash']] as const) : []),
    ...modelArguments(model),
    ['--bf16'],
  ];
  return all.map((argument) => argument.join(' '));
}
