/** How torchtitan lays a job over NPUs: degrees, sharding, pipelines and batches (torchtitan/config/job_config.py). */
import { notExpressible } from '../../export/designValues.js';
import type { Given } from '../given.js';
import { type Assignments, type Row, written } from '../row.js';
import {
  CONTEXT,
  EXPERT,
  EXPERT_TENSOR,
  FIRST_LESS,
  FORMAT,
  GLOBAL_BATCH,
  LAST_LESS,
  LOCAL_BATCH,
  MICRO_BATCH,
  MICRO_BATCHES,
  PER_STAGE,
  PIPELINE,
  REPLICATE,
  SCHEDULE,
  SHARD,
  TENSOR,
} from './settings.js';

export const degree = (given: Given, name: string): number => given.count(name, 1);

/** Replicas, sharded or not. */
export function dataParallel(given: Given): number {
  const model = degree(given, TENSOR) * degree(given, CONTEXT) * degree(given, PIPELINE);
  return Math.max(Math.floor(given.npus / model), 1);
}

export function degreeRow(setting: string, target: 'workload.tp' | 'workload.sp' | 'workload.pp'): Row {
  return {
    settings: [setting],
    targets: [target],
    read: (given) => ({ [target]: degree(given, setting) }),
    write: ({ values }) => [written(setting, values.number(target))],
  };
}

/** Weights are sharded over the context-parallel ranks and those of the replicas that are not said to be copies, where there are any. */
export const replicas: Row = {
  settings: [REPLICATE, SHARD],
  targets: ['workload.weightSharding', 'workload.shardGroup'],
  read: (given) => {
    const replicate = degree(given, REPLICATE);
    const cp = degree(given, CONTEXT);
    const inGroup =
      (given.text(SHARD) ?? '-1') === '-1' ? Math.floor(dataParallel(given) / replicate) : given.count(SHARD, 1);
    if (inGroup <= 1 && cp === 1) return { 'workload.weightSharding': 'none', 'workload.shardGroup': 'all' };
    return { 'workload.weightSharding': 'zero3', 'workload.shardGroup': replicate > 1 ? inGroup * cp : 'all' };
  },
  write: ({ values }) => {
    const sharding = values.text('workload.weightSharding');
    const [dp, sp] = [values.number('workload.dp'), values.number('workload.sp')];
    const several = sp > 1;
    const group = values.number('workload.shardGroup') || dp * sp;
    if (sharding === 'zero3' && group > 1) return [written(REPLICATE, (dp * sp) / group), written(SHARD, group / sp)];
    if (sharding === 'none' && !several) return [written(REPLICATE, dp), written(SHARD, 1)];
    const remedy = `add --set workload.weightSharding=${several || dp > 1 ? 'zero3' : 'none'}`;
    throw notExpressible(`weightSharding ${sharding}`, FORMAT, remedy);
  },
};

/** Experts have no tensor parallelism of their own, or that of all else: of ranks of experts silence means none, of one rank all else's. */
export const experts: Row = {
  settings: [EXPERT, EXPERT_TENSOR],
  targets: ['workload.ep', 'workload.etp'],
  read: (given) => {
    const [ep, tp, etp] = [degree(given, EXPERT), degree(given, TENSOR), degree(given, EXPERT_TENSOR)];
    const dense = ep === 1 && !given.has(EXPERT_TENSOR);
    const together = dense || (etp === tp && dataParallel(given) % ep === 0);
    return { 'workload.ep': ep, 'workload.etp': together ? 'tp' : etp };
  },
  write: ({ values, model }) => {
    const [ep, etp, tp] = (['workload.ep', 'workload.etp', 'workload.tp'] as const).map((name) => values.number(name));
    if (model.experts === 1) {
      if (ep === 1) return [];
      throw notExpressible(`expert parallel ${ep} of a dense model`, FORMAT, 'add --set workload.ep=1');
    }
    if (etp! > 1 && etp !== tp) {
      throw notExpressible(`expert tensor parallel ${etp} beside tensor parallel ${tp}`, FORMAT, 'choose 1 or tp');
    }
    if (etp === tp && values.number('workload.dp') % ep! === 0) {
      throw notExpressible('experts apart that lie as all else does', FORMAT, 'add --set workload.etp=tp');
    }
    const across = etp === 0 ? tp! : etp!;
    const isSilent = ep === 1 ? etp === 0 : across === 1;
    return [written(EXPERT, ep!), ...(isSilent ? [] : [written(EXPERT_TENSOR, across)])];
  },
};

const SCHEDULES = {
  '1F1B': '1f1b',
  GPipe: 'gpipe',
  Interleaved1F1B: 'interleaved',
  ZBVZeroBubble: 'zbV',
  InterleavedZeroBubble: 'interleaved',
  LoopedBFS: 'interleaved',
  DualPipeV: 'zbV',
} as const;

/** Schedules that have another one's price. */
const APPROXIMATE = ['InterleavedZeroBubble', 'LoopedBFS', 'DualPipeV'];

/** Chunks of a stage where nothing says how many layers each has. */
const CHUNKS = 2;

function scheduleOf(given: Given): Assignments {
  const pp = degree(given, PIPELINE);
  if (pp === 1) return { 'workload.pipelineSchedule': '1f1b', 'workload.virtualStages': 1 };
  const name = given.text(SCHEDULE) ?? '1F1B';
  const schedule = given.choice<string>(SCHEDULE, SCHEDULES, '1f1b');
  if (APPROXIMATE.includes(name)) given.note(`the schedule ${name} is priced as ${schedule}`);
  if (schedule !== 'interleaved') return { 'workload.pipelineSchedule': schedule, 'workload.virtualStages': 1 };
  const perStage = given.count(PER_STAGE);
  const layers = (given.model?.layers ?? 1) + given.whole(FIRST_LESS, 1) + given.whole(LAST_LESS, 1);
  const chunks = perStage === undefined ? CHUNKS : Math.max(Math.round(layers / perStage / pp), 1);
  return { 'workload.pipelineSchedule': schedule, 'workload.virtualStages': chunks };
}

export const schedule: Row = {
  settings: [SCHEDULE, PER_STAGE],
  targets: ['workload.pipelineSchedule', 'workload.virtualStages'],
  read: scheduleOf,
  write: (design) => {
    const { values } = design;
    const own = values.text('workload.pipelineSchedule');
    const chunks = values.number('workload.virtualStages');
    const several = design.batch > design.microBatch * values.number('workload.dp');
    if (values.number('workload.pp') === 1) {
      if (own !== 'gpipe' || !several) return [];
      throw notExpressible('the GPipe schedule on one stage', FORMAT, 'add --set workload.pipelineSchedule=1f1b');
    }
    const chosen = own === 'interleaved' && chunks === 1 ? '1f1b' : own;
    const name = Object.entries(SCHEDULES).find(([, meaning]) => meaning === chosen)?.[0];
    if (name === undefined || (chosen === 'interleaved' && chunks !== CHUNKS)) {
      throw notExpressible(`${own} with ${chunks} model chunks`, FORMAT, 'choose 1f1b, or interleaved with 2');
    }
    if (values.number('workload.interleaveGroup') > 0) {
      throw notExpressible('groups of micro-batches', FORMAT, 'add --set workload.interleaveGroup=0');
    }
    return [written(SCHEDULE, name)];
  },
};

/** The first and the last stage have so many layers less, as embedding and head count for them. */
export const edges: Row = {
  settings: [FIRST_LESS, LAST_LESS],
  targets: ['workload.embeddingLayers', 'workload.headLayers'],
  read: (given) => ({
    'workload.embeddingLayers': given.whole(FIRST_LESS, 1),
    'workload.headLayers': given.whole(LAST_LESS, 1),
  }),
  write: ({ values }) => {
    if (values.number('workload.pp') === 1) return [];
    const stated = (['workload.firstStageLayers', 'workload.lastStageLayers'] as const).find(
      (name) => values.number(name) > 0,
    );
    if (stated !== undefined) {
      throw notExpressible(`${stated} ${values.number(stated)}`, FORMAT, `add --set ${stated}=even`);
    }
    return [
      written(FIRST_LESS, values.number('workload.embeddingLayers')),
      written(LAST_LESS, values.number('workload.headLayers')),
    ];
  },
};

/** A pipeline cuts the local batch into micro-batches; without one the local batch is one. */
export const batches: Row = {
  settings: [LOCAL_BATCH, GLOBAL_BATCH, MICRO_BATCH, MICRO_BATCHES],
  targets: ['workload.microBatch', 'workload.batch'],
  read: (given) => {
    const local = given.count(LOCAL_BATCH, 8);
    const own = local * dataParallel(given);
    const global = (given.text(GLOBAL_BATCH) ?? '-1') === '-1' ? own : given.count(GLOBAL_BATCH, own);
    const pp = degree(given, PIPELINE);
    if (pp > 1 && global !== own) given.note('pipelines that are filled several times a step are priced as one');
    const pieces = given.count(MICRO_BATCHES);
    const each = pieces === undefined ? given.count(MICRO_BATCH, 1) : Math.max(Math.floor(local / pieces), 1);
    return { 'workload.microBatch': pp > 1 ? each : local, 'workload.batch': global };
  },
  write: ({ values, batch, microBatch }) => {
    const local = batch / values.number('workload.dp');
    if (!Number.isInteger(microBatch) || !Number.isInteger(local)) {
      throw notExpressible(`a local batch of ${local} sequences`, FORMAT, 'choose a batch that the replicas divide');
    }
    if (values.number('workload.pp') === 1) return [written(LOCAL_BATCH, microBatch), written(GLOBAL_BATCH, batch)];
    return [written(LOCAL_BATCH, local), written(GLOBAL_BATCH, batch), written(MICRO_BATCH, microBatch)];
  },
};
