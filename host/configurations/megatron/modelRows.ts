/** The model in Megatron-LM's arguments. */
import { layerKinds } from '../../../psa/layerKinds.js';
import type { ModelPhase } from '../../../psa/space.js';
import { notExpressible } from '../../export/designValues.js';
import type { WrittenSetting } from '../configurationFile.js';
import type { Given } from '../given.js';
import { type Assignments, modelRow, type Row, written } from '../row.js';
import { HYBRID_ROW } from './hybridRow.js';
import { readLayerList, writtenLayerList } from './layerList.js';
import { hasLinearAttention, isLinearHybrid, lettersOfLayers, linearRow } from './linearRow.js';
import { FORMAT } from './parallelRows.js';
import { VOCABULARY_ROW } from './vocabulary.js';

/** What of a model Megatron-LM's arguments cannot say; undefined where there is nothing. */
function strange(model: ModelPhase): string | undefined {
  if (model.patch > 0) return 'a vision transformer';
  if (model.layerPattern !== '' && !isLinearHybrid(model)) {
    return 'layers of one block each, or with a state other than a gated delta net';
  }
  if (model.expertLatent > 0) return 'experts of a latent width';
  if (!model.causal) return 'attention that looks ahead';
  if (model.parallelBlock) return 'attention and MLP beside one another';
  if (model.norms !== 2) return `${model.norms} norms a layer`;
  if (model.embedDim !== model.hidden) return `a token table ${model.embedDim} wide`;
  if (model.qkNorm === 'full') return 'norms of queries and keys over all heads';
  if (layerKinds(model).some(({ window }) => window !== undefined)) return 'local layers';
  if (model.positions > 0 && model.positions < model.seq) return `${model.positions} positions`;
  return model.attentionBias === 'all' || !model.mlpBias ? undefined : 'biases of the MLP alone';
}

function sizeRow(setting: string, target: 'model.layers' | 'model.hidden' | 'model.heads'): Row {
  const field = target.slice('model.'.length) as 'layers' | 'hidden' | 'heads';
  return modelRow(
    [setting],
    [target],
    (given) => ({ [target]: given.needed(setting) }),
    (model) => {
      const cannot = strange(model);
      if (cannot !== undefined) throw notExpressible(cannot, FORMAT, 'choose another model by --model');
      return [written(setting, model[field])];
    },
  );
}

/** Megatron-LM's width where none is given: four times the model's, of a gated MLP two thirds of that in multiples of 64. */
function defaultFfn(given: Given): number {
  const hidden = given.needed('--hidden-size');
  return given.has('--swiglu') ? Math.floor((4 * hidden * 2) / 3 / 64) * 64 : 4 * hidden;
}

const isMixture = (given: Given): boolean => (given.count('--num-experts', 1) ?? 1) > 1;

/** Which layers are mixtures: each so many-th, or as a list says. */
function mixtureLayers(given: Given): boolean[] {
  if (!isMixture(given)) return Array.from({ length: given.needed('--num-layers') }, () => false);
  return readLayerList(given, '--moe-layer-freq', (every, layer) => layer % every === 0);
}

/** Dense layers that lead, and then each so many-th a mixture. */
function mixtureFields(given: Given): Assignments {
  // A pattern says it of each layer.
  if (hasLinearAttention(given)) return {};
  const list = mixtureLayers(given);
  const layers = list.length;
  const first = Math.max(list.indexOf(true), 0);
  const second = list.indexOf(true, first + 1);
  const every = second < 0 ? 1 : second - first;
  const mixtures = list.filter(Boolean).length;
  const leading = every === 1 ? first : 0;
  const regular = every === 1 ? mixtures === layers - first : Math.abs(mixtures - Math.floor(layers / every)) <= 1;
  if (!regular) given.note('layers of experts are priced as evenly spread');
  return { 'model.leadingDense': leading, 'model.mixtureEvery': every };
}

const mixture = modelRow(
  [
    '--num-experts',
    '--moe-router-topk',
    '--moe-router-num-groups',
    '--moe-router-group-topk',
    '--moe-ffn-hidden-size',
    '--moe-layer-freq',
    '--moe-shared-expert-intermediate-size',
    '--moe-latent-size',
    '--ffn-hidden-size',
  ],
  [
    'model.ffn',
    'model.denseFfn',
    'model.experts',
    'model.expertsPerToken',
    'model.expertGroups',
    'model.groupsPerToken',
    'model.sharedFfn',
    'model.expertLatent',
    'model.leadingDense',
    'model.mixtureEvery',
  ],
  (given) => {
    const dense = given.count('--ffn-hidden-size', defaultFfn(given));
    if (!isMixture(given)) return { 'model.ffn': dense };
    const groups = given.count('--moe-router-num-groups', 1);
    return {
      'model.ffn': given.count('--moe-ffn-hidden-size', dense),
      'model.denseFfn': dense,
      'model.experts': given.count('--num-experts', 1),
      'model.expertsPerToken': given.count('--moe-router-topk', 2),
      'model.expertGroups': groups,
      'model.groupsPerToken': given.count('--moe-router-group-topk', groups),
      'model.sharedFfn': given.whole('--moe-shared-expert-intermediate-size', 0),
      'model.expertLatent': given.whole('--moe-latent-size', 0),
      ...mixtureFields(given),
    };
  },
  (model) => {
    if (model.experts === 1) return [written('--ffn-hidden-size', model.ffn)];
    const mixed = layerKinds(model).some(({ mlp }) => mlp === 'dense');
    const routed = (layer: number) => layer >= model.leadingDense && (layer + 1) % model.mixtureEvery === 0;
    const list =
      model.layerPattern === ''
        ? Array.from({ length: model.layers }, (_, layer) => routed(layer))
        : lettersOfLayers(model).map((letters) => letters.endsWith('E'));
    return [
      written('--ffn-hidden-size', model.denseFfn),
      written('--num-experts', model.experts),
      written('--moe-router-topk', model.expertsPerToken),
      ...(model.expertGroups > 1
        ? [
            written('--moe-router-num-groups', model.expertGroups),
            written('--moe-router-group-topk', model.groupsPerToken),
          ]
        : []),
      written('--moe-ffn-hidden-size', model.ffn),
      ...(mixed ? [writtenLayerList('--moe-layer-freq', list)] : []),
      ...(model.sharedFfn > 0 ? [written('--moe-shared-expert-intermediate-size', model.sharedFfn)] : []),
    ];
  },
);

/** Latent attention, with the defaults of Megatron-Core's MLATransformerConfig. */
function latentFields(given: Given): Assignments {
  const rope = given.count('--qk-pos-emb-head-dim', 64);
  return {
    'model.queryRank': given.whole('--q-lora-rank', 0),
    'model.kvRank': given.count('--kv-lora-rank', 32),
    'model.ropeDim': rope,
    'model.headDim': given.count('--qk-head-dim', 128) + rope,
    'model.valueDim': given.count('--v-head-dim', 128),
  };
}

const attention = modelRow(
  [
    '--kv-channels',
    '--group-query-attention',
    '--num-query-groups',
    '--qk-layernorm',
    '--attention-output-gate',
    '--multi-latent-attention',
    '--q-lora-rank',
    '--kv-lora-rank',
    '--qk-head-dim',
    '--qk-pos-emb-head-dim',
    '--v-head-dim',
  ],
  [
    'model.headDim',
    'model.valueDim',
    'model.kvHeads',
    'model.qkNorm',
    'model.attentionGate',
    'model.queryRank',
    'model.kvRank',
    'model.ropeDim',
  ],
  (given) => {
    if (given.has('--multi-latent-attention')) return latentFields(given);
    const channels = given.count('--kv-channels');
    const grouped = given.has('--group-query-attention');
    return {
      ...(channels === undefined ? {} : { 'model.headDim': channels }),
      ...(grouped ? { 'model.kvHeads': given.count('--num-query-groups', 1) } : {}),
      'model.qkNorm': given.has('--qk-layernorm') ? 'head' : 'none',
      'model.attentionGate': given.has('--attention-output-gate'),
    };
  },
  (model) => {
    if (model.kvRank > 0) {
      return [
        written('--multi-latent-attention'),
        ...(model.queryRank > 0 ? [written('--q-lora-rank', model.queryRank)] : []),
        written('--kv-lora-rank', model.kvRank),
        written('--qk-head-dim', model.headDim - model.ropeDim),
        written('--qk-pos-emb-head-dim', model.ropeDim),
        written('--v-head-dim', model.valueDim),
      ];
    }
    const grouped = [written('--group-query-attention'), written('--num-query-groups', model.kvHeads)];
    return [
      ...(model.headDim * model.heads === model.hidden ? [] : [written('--kv-channels', model.headDim)]),
      ...(model.kvHeads < model.heads ? grouped : []),
      ...(model.qkNorm === 'head' ? [written('--qk-layernorm')] : []),
      ...(model.attentionGate ? [written('--attention-output-gate')] : []),
    ];
  },
);

const sequence = modelRow(
  [
    '--seq-length',
    '--encoder-seq-length',
    '--max-position-embeddings',
    '--position-embedding-type',
    '--use-rotary-position-embeddings',
  ],
  ['model.seq', 'model.learnedPositions', 'model.positions'],
  (given) => {
    const seq = given.count('--encoder-seq-length') ?? given.needed('--seq-length');
    const rotary = given.has('--use-rotary-position-embeddings');
    const learned = !rotary && (given.text('--position-embedding-type') ?? 'learned_absolute') === 'learned_absolute';
    const positions = learned ? { 'model.positions': given.count('--max-position-embeddings', seq) } : {};
    return { 'model.seq': seq, 'model.learnedPositions': learned, ...positions };
  },
  (model) => [
    written('--seq-length', model.seq),
    written('--max-position-embeddings', Math.max(model.seq, model.positions)),
    written('--position-embedding-type', model.learnedPositions ? 'learned_absolute' : 'rope'),
  ],
);

const WINDOW = '--window-size';
const SKIP = '--window-attn-skip-freq';

/** Tokens back, and ahead, which are none; each so many-th layer looks at everything all the same. Local layers are read alone. */
const windows = modelRow(
  [WINDOW, SKIP],
  ['model.window', 'model.globalEvery'],
  (given) => {
    const [back] = (given.text(WINDOW) ?? '').match(/-?\d+/g) ?? [];
    if (back === undefined || Number(back) < 0) return {};
    const every = given.text(SKIP) ?? '0';
    if (!/^\d+$/.test(every)) given.note('layers with a window are priced as all of them');
    return { 'model.window': Number(back), 'model.globalEvery': /^\d+$/.test(every) ? Number(every) : 0 };
  },
  () => [],
);

const layer = modelRow(
  [
    '--normalization',
    '--swiglu',
    '--quick-geglu',
    '--untie-embeddings-and-output-weights',
    '--disable-bias-linear',
    '--add-qkv-bias',
    '--attention-dropout',
    '--hidden-dropout',
    '--squared-relu',
  ],
  [
    'model.norm',
    'model.mlp',
    'model.gated',
    'model.tiedEmbeddings',
    'model.attentionBias',
    'model.mlpBias',
    'model.dropout',
  ],
  (given) => {
    const biased = !given.has('--disable-bias-linear');
    const gated = given.has('--swiglu') || given.has('--quick-geglu');
    return {
      'model.norm': given.text('--normalization') === 'RMSNorm' ? 'rms' : 'layer',
      'model.mlp': gated ? 'swiglu' : given.has('--squared-relu') ? 'relu2' : 'gelu',
      'model.gated': gated,
      'model.tiedEmbeddings': !given.has('--untie-embeddings-and-output-weights'),
      'model.attentionBias': biased ? 'all' : given.has('--add-qkv-bias') ? 'qkv' : 'none',
      'model.mlpBias': biased,
      'model.dropout': given.number('--attention-dropout', 0.1) > 0 || given.number('--hidden-dropout', 0.1) > 0,
    };
  },
  (model) => [
    written('--normalization', model.learnedPositions || model.norm === 'layer' ? 'LayerNorm' : 'RMSNorm'),
    ...(model.gated ? [written('--swiglu')] : []),
    ...(model.tiedEmbeddings ? [] : [written('--untie-embeddings-and-output-weights')]),
    ...biases(model),
    ...(model.dropout ? [] : [written('--attention-dropout', 0), written('--hidden-dropout', 0)]),
  ],
);

/** A recipe says it beside a model that it names. */
const predicting = modelRow(
  ['--mtp-num-layers'],
  ['model.mtpLayers'],
  (given) => ({ 'model.mtpLayers': given.whole('--mtp-num-layers', 0) }),
  (model) => (model.mtpLayers > 0 ? [written('--mtp-num-layers', model.mtpLayers)] : []),
);

/** All products add a bias, or none but those of queries, keys and values. */
function biases({ attentionBias, mlpBias }: ModelPhase): WrittenSetting[] {
  if (attentionBias === 'all' && mlpBias) return [];
  return [written('--disable-bias-linear'), ...(attentionBias === 'none' ? [] : [written('--add-qkv-bias')])];
}

export const MODEL_ROWS: readonly Row[] = [
  sizeRow('--num-layers', 'model.layers'),
  sizeRow('--hidden-size', 'model.hidden'),
  sizeRow('--num-attention-heads', 'model.heads'),
  attention,
  sequence,
  VOCABULARY_ROW,
  windows,
  layer,
  predicting,
  mixture,
  HYBRID_ROW,
  linearRow(mixtureLayers),
];
