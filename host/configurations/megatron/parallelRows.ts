/** How Megatron-LM's arguments lay a job out (megatron/training/arguments.py; megatron/core/parallel_state.py). */
import { isInOrder, notExpressible } from '../../export/designValues.js';
import type { Given } from '../given.js';
import { type Row, wholeRow, written } from '../row.js';

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
  batches,
];
