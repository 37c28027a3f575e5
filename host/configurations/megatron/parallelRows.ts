/** How Megatron-LM's arguments lay a job out (megatron/training/arguments.py; megatron/core/parallel_state.py). */
import { isInOrder, notExpressible, type TrainedDesign } from '../../export/designValues.js';
import type { WrittenSetting } from '../configurationFile.js';
import type { Given } from '../given.js';
import { type Assignments, type Row, wholeRow, written } from '../row.js';

export const FORMAT = 'Megatron-LM';

export const TENSOR = '--tensor-model-parallel-size';
export const PIPELINE = '--pipeline-model-parallel-size';
export const CONTEXT = '--context-parallel-size';
export const EXPERT = '--expert-model-parallel-size';
export const EXPERT_TENSOR = '--expert-tensor-parallel-size';
export const SEQUENCE = '--sequence-parallel';
export const MICRO_BATCH = '--micro-batch-size';
export const GLOBAL_BATCH = '--global-batch-size';

/** Its order of ranks, innermost first, and that of --use-tp-pp-dp-mapping. */
const DEFAULT_ORDER = 'tp-sp-ep-dp-pp';
const PIPELINE_BEFORE_DATA_ORDER = 'tp-sp-ep-pp-dp';

/** How context-parallel ranks come by keys and values. */
const EXCHANGES = {
  all_gather: 'allGather',
  allgather: 'allGather',
  a2a: 'allToAll',
  p2p: 'ring',
  'a2a+p2p': 'twoLevel',
} as const;

/** Degrees of the job that the file gives, and how often they fit into it; at least once, where they do not fit. */
export function dataParallel(given: Given): number {
  const model = given.count(TENSOR, 1) * given.count(CONTEXT, 1) * given.count(PIPELINE, 1);
  return Math.max(Math.floor(given.npus / model), 1);
}

const context: Row = {
  settings: ['--cp-comm-type', '--hierarchical-context-parallel-sizes'],
  targets: ['workload.contextExchange', 'workload.contextInner'],
  read: (given) => {
    const exchange = given.choice('--cp-comm-type', EXCHANGES, 'ring');
    if (exchange !== 'twoLevel') return { 'workload.contextExchange': exchange };
    const inner = Number(given.texts('--hierarchical-context-parallel-sizes')[0] ?? 1);
    return { 'workload.contextExchange': exchange, 'workload.contextInner': inner };
  },
  write: ({ values }) => {
    const sp = values.number('workload.sp');
    if (sp === 1) return [];
    const exchange = values.text('workload.contextExchange');
    const word = Object.entries(EXCHANGES).find(([, name]) => name === exchange)![0];
    const inner = values.number('workload.contextInner');
    return [
      written('--cp-comm-type', word),
      ...(exchange === 'twoLevel' ? [written('--hierarchical-context-parallel-sizes', inner, sp / inner)] : []),
    ];
  },
};

/** Experts lie apart from all else where their degrees say so, or where they would not fit among the replicas. */
const experts: Row = {
  settings: [EXPERT, EXPERT_TENSOR],
  targets: ['workload.ep', 'workload.etp'],
  read: (given) => {
    const ep = given.count(EXPERT, 1);
    const etp = given.count(EXPERT_TENSOR);
    const together = etp === undefined && dataParallel(given) % ep === 0;
    return { 'workload.ep': ep, 'workload.etp': together ? 'tp' : (etp ?? given.count(TENSOR, 1)) };
  },
  write: ({ values, model }) => {
    const [ep, etp] = [values.number('workload.ep'), values.number('workload.etp')];
    if (model.experts === 1) {
      if (ep === 1) return [];
      throw notExpressible(`expert parallel ${ep} of a dense model`, FORMAT, 'add --set workload.ep=1');
    }
    return [...(ep > 1 ? [written(EXPERT, ep)] : []), ...(etp > 0 ? [written(EXPERT_TENSOR, etp)] : [])];
  },
};

export const DISPATCHER = '--moe-token-dispatcher-type';
export const CAPACITY = '--moe-expert-capacity-factor';
const PAD = '--moe-pad-expert-input-to-capacity';
/** Older releases have DeepEP alone; the back end of the flexible dispatcher is DeepEP or HybridEP. */
export const DEEPEP = '--moe-enable-deepep';
const BACK_END = '--moe-flex-dispatcher-backend';

const dispatch: Row = {
  settings: [CAPACITY, PAD, DISPATCHER, DEEPEP, BACK_END],
  targets: ['workload.expertCapacity', 'workload.expertDispatch'],
  read: (given) => {
    const dispatcher = given.text(DISPATCHER) ?? 'allgather';
    if (given.has('--num-experts') && dispatcher === 'allgather' && given.count(EXPERT, 1) > 1) {
      given.note('tokens that are gathered by all ranks of experts are priced as exchanged by all-to-all');
    }
    return {
      'workload.expertCapacity': given.has(CAPACITY) ? given.number(CAPACITY, 0) : 'none',
      'workload.expertDispatch': dispatcher === 'flex' ? 'byNode' : 'allToAll',
    };
  },
  write: ({ values, model }) => {
    if (model.experts === 1) return [];
    const factor = values.number('workload.expertCapacity');
    const limited = factor > 0 ? [written(CAPACITY, factor), written(PAD)] : [];
    if (values.text('workload.expertDispatch') === 'allToAll') return [written(DISPATCHER, 'alltoall'), ...limited];
    if (factor === 0) return [written(DISPATCHER, 'flex'), written(DEEPEP)];
    throw notExpressible(
      'a capacity of experts that get tokens by node',
      FORMAT,
      'add --set workload.expertCapacity=none',
    );
  },
};

/** Without tensor parallelism Megatron-LM turns it off: then it changes nothing, and stays what the software has. */
const sequence: Row = {
  settings: [SEQUENCE],
  targets: ['workload.sequenceParallel'],
  read: (given) =>
    given.count(TENSOR, 1) === 1 ? {} : { 'workload.sequenceParallel': given.has(SEQUENCE) ? 'on' : 'off' },
  write: ({ values }) =>
    values.text('workload.sequenceParallel') === 'on' && values.number('workload.tp') > 1 ? [written(SEQUENCE)] : [],
};

const order: Row = {
  settings: ['--use-tp-pp-dp-mapping'],
  targets: ['workload.axisOrder'],
  read: (given) => ({
    'workload.axisOrder': given.has('--use-tp-pp-dp-mapping') ? PIPELINE_BEFORE_DATA_ORDER : DEFAULT_ORDER,
  }),
  write: ({ values, axes }) => {
    if (isInOrder(axes, DEFAULT_ORDER.split('-'))) return [];
    if (isInOrder(axes, PIPELINE_BEFORE_DATA_ORDER.split('-'))) return [written('--use-tp-pp-dp-mapping')];
    const remedy = `add --set workload.axisOrder=${DEFAULT_ORDER}, or -pp-dp`;
    throw notExpressible(`axes laid as ${values.text('workload.axisOrder')}`, FORMAT, remedy);
  },
};

export const PER_CHUNK = '--num-layers-per-virtual-pipeline-stage';
export const CHUNKS = '--num-virtual-stages-per-pipeline-rank';
const LAYOUT = '--pipeline-model-parallel-layout';
const GROUP = '--microbatch-group-size-per-virtual-pipeline-stage';
const COUNT_EMBEDDING = '--account-for-embedding-in-pipeline-split';
const COUNT_LOSS = '--account-for-loss-in-pipeline-split';
export const FIRST_STAGE = '--decoder-first-pipeline-num-layers';
export const LAST_STAGE = '--decoder-last-pipeline-num-layers';

/** Layers of each stage of a layout such as `Et*8|t*8|t*7L`, with parts in brackets: `Et|(t*3|)*4tL`. */
export function layoutStages(layout: string): number[] {
  const times = (text: string) =>
    text.replaceAll(/\(([^()]*)\)\*(\d+)/g, (_, part: string, n: string) => part.repeat(Number(n)));
  const plain = times(layout.replaceAll(/\s/g, ''));
  return plain.split('|').map((stage) => {
    const counts = [...stage.matchAll(/t(?:\*(\d+))?/g)].map(([, n]) => Number(n ?? 1));
    return counts.reduce((sum, n) => sum + n, 0);
  });
}

/** Stages of unlike size, the earlier ones a layer larger: `Et*8|t*8|t*7L` with embedding and loss. */
function unevenLayout(layers: number, stages: number): string {
  const sizes = Array.from({ length: stages }, (_, s) => Math.floor(layers / stages) + (s < layers % stages ? 1 : 0));
  return `E${sizes.map((size) => `t*${size}`).join('|')}L`;
}

/** Layers that stages share: those of the model, and what is counted as one. */
function countedLayers(given: Given): number {
  const layers = given.layers ?? given.count('--num-layers', 1);
  return layers + (given.has(COUNT_EMBEDDING) ? 1 : 0) + (given.has(COUNT_LOSS) ? 1 : 0);
}

function chunksOf(given: Given): number {
  const pp = given.count(PIPELINE, 1);
  if (given.has(CHUNKS)) return given.count(CHUNKS, 1);
  const layout = given.text(LAYOUT);
  if (layout !== undefined) {
    const stages = layoutStages(layout);
    if (Math.max(...stages) - Math.min(...stages) > 1) given.note('stages of a layout are priced as even as may be');
    return Math.max(Math.floor(stages.length / pp), 1);
  }
  const perChunk = given.count(PER_CHUNK);
  return perChunk === undefined ? 1 : Math.max(Math.round(countedLayers(given) / pp / perChunk), 1);
}

function readSchedule(given: Given): Assignments {
  const chunks = given.count(PIPELINE, 1) > 1 ? chunksOf(given) : 1;
  if (chunks === 1) return { 'workload.pipelineSchedule': '1f1b', 'workload.virtualStages': 1 };
  return {
    'workload.pipelineSchedule': 'interleaved',
    'workload.virtualStages': chunks,
    'workload.interleaveGroup': given.count(GROUP) ?? 'stages',
  };
}

function edges({ values }: TrainedDesign): WrittenSetting[] {
  const counted = (['workload.embeddingLayers', 'workload.headLayers'] as const).map((name) => values.number(name));
  if (counted.some((layers) => layers !== 0 && layers !== 1)) {
    throw notExpressible(
      'an embedding or a head as other than one layer',
      FORMAT,
      'set embeddingLayers and headLayers to 0 or 1',
    );
  }
  return [COUNT_EMBEDDING, COUNT_LOSS].filter((_, i) => counted[i] === 1).map((name) => written(name));
}

/** The settings of a first or last stage whose layers are said, with the model chunks of all stages. */
function statedStages({ values, model }: TrainedDesign, chunks: number): WrittenSetting[] {
  const ends = [
    [FIRST_STAGE, values.number('workload.firstStageLayers')],
    [LAST_STAGE, values.number('workload.lastStageLayers')],
  ] as const;
  const stated = ends.filter(([, layers]) => layers > 0);
  if (stated.length === 0) return [];
  const others = values.number('workload.pp') - stated.length;
  const rest = stated.reduce((layers, [, own]) => layers - own, model.layers);
  if (others > 0 && rest % others !== 0) {
    throw notExpressible(`${rest} layers on the ${others} other stages`, FORMAT, 'choose stages that divide them');
  }
  return [...stated.map(([name, layers]) => written(name, layers)), ...(chunks > 1 ? [written(CHUNKS, chunks)] : [])];
}

/** Neither counts where the layers of an end are said. */
const isStated = ({ values }: TrainedDesign): boolean =>
  values.number('workload.firstStageLayers') + values.number('workload.lastStageLayers') > 0;

function writeSchedule(design: TrainedDesign): WrittenSetting[] {
  const { values, model } = design;
  const pp = values.number('workload.pp');
  const schedule = values.text('workload.pipelineSchedule');
  // GPipe keeps the activations of all micro-batches on one stage, too.
  const several = design.batch > design.microBatch * values.number('workload.dp');
  if (pp === 1 && (schedule !== 'gpipe' || !several)) return [];
  if (schedule !== '1f1b' && schedule !== 'interleaved') {
    const name = schedule === 'gpipe' ? 'GPipe schedule' : `schedule ${schedule}`;
    throw notExpressible(`the ${name}`, FORMAT, 'add --set workload.pipelineSchedule=1f1b');
  }
  const chunks = schedule === 'interleaved' ? values.number('workload.virtualStages') : 1;
  const group = values.number('workload.interleaveGroup');
  const stated = statedStages(design, chunks);
  if (stated.length > 0) return [...stated, ...(chunks > 1 && group > 0 ? [written(GROUP, group)] : [])];
  const counted = edges(design);
  const layers = model.layers + counted.length;
  const grouped = chunks > 1 && group > 0 ? [written(GROUP, group)] : [];
  if (layers % (pp * chunks) === 0) {
    return [...counted, ...(chunks === 1 ? [] : [written(PER_CHUNK, layers / (pp * chunks))]), ...grouped];
  }
  if (chunks === 1 && counted.length === 0) return [written(LAYOUT, `'${unevenLayout(layers, pp)}'`)];
  throw notExpressible(`${layers} layers on ${pp * chunks} stages`, FORMAT, 'choose stages that divide the layers');
}

export const SCHEDULE_ROW: Row = {
  settings: [PER_CHUNK, CHUNKS, LAYOUT, GROUP, FIRST_STAGE, LAST_STAGE],
  targets: [
    'workload.pipelineSchedule',
    'workload.virtualStages',
    'workload.interleaveGroup',
    'workload.firstStageLayers',
    'workload.lastStageLayers',
  ],
  read: (given) => ({
    ...readSchedule(given),
    'workload.firstStageLayers': given.count(FIRST_STAGE) ?? 'even',
    'workload.lastStageLayers': given.count(LAST_STAGE) ?? 'even',
  }),
  write: (design) => writeSchedule(design).filter(({ name }) => name !== COUNT_EMBEDDING && name !== COUNT_LOSS),
};

const edgesRow: Row = {
  settings: [COUNT_EMBEDDING, COUNT_LOSS],
  targets: ['workload.embeddingLayers', 'workload.headLayers'],
  read: (given) => ({
    'workload.embeddingLayers': given.has(COUNT_EMBEDDING) ? 1 : 0,
    'workload.headLayers': given.has(COUNT_LOSS) ? 1 : 0,
  }),
  write: (design) => (design.values.number('workload.pp') === 1 || isStated(design) ? [] : edges(design)),
};

const batches: Row = {
  settings: [MICRO_BATCH, GLOBAL_BATCH],
  targets: ['workload.microBatch', 'workload.batch'],
  read: (given) => {
    const microBatch = given.needed(MICRO_BATCH);
    return {
      'workload.microBatch': microBatch,
      'workload.batch': given.count(GLOBAL_BATCH, microBatch * dataParallel(given)),
    };
  },
  write: ({ microBatch, batch }) => {
    if (!Number.isInteger(microBatch)) {
      throw notExpressible(
        `a micro-batch of ${microBatch} sequences`,
        FORMAT,
        'choose a batch that the replicas divide',
      );
    }
    return [written(MICRO_BATCH, microBatch), written(GLOBAL_BATCH, batch)];
  },
};

export const PARALLEL_ROWS: readonly Row[] = [
  wholeRow(TENSOR, 'workload.tp', 1),
  wholeRow(CONTEXT, 'workload.sp', 1),
  context,
  wholeRow(PIPELINE, 'workload.pp', 1),
  experts,
  dispatch,
  sequence,
  order,
  SCHEDULE_ROW,
  edgesRow,
  batches,
];
