/** Which layers the stages of a pipeline have in Megatron-LM's arguments, and in which order they run (megatron/training/arguments.py). */
import { notExpressible, type TrainedDesign } from '../../export/designValues.js';
import type { WrittenSetting } from '../configurationFile.js';
import type { Given } from '../given.js';
import { type Assignments, type Row, written } from '../row.js';
import { FORMAT, PIPELINE } from './parallelRows.js';

export const PER_CHUNK = '--num-layers-per-virtual-pipeline-stage';
export const CHUNKS = '--num-virtual-stages-per-pipeline-rank';
export const LAYOUT = '--pipeline-model-parallel-layout';
const GROUP = '--microbatch-group-size-per-virtual-pipeline-stage';
export const COUNT_EMBEDDING = '--account-for-embedding-in-pipeline-split';
export const COUNT_LOSS = '--account-for-loss-in-pipeline-split';
export const FIRST_STAGE = '--decoder-first-pipeline-num-layers';
export const LAST_STAGE = '--decoder-last-pipeline-num-layers';

/** More stages than a pipeline has, and few enough to write out. */
const MOST_REPEATS = 10_000;

/** Stages of a layout such as `Et*8|t*8|t*7mL`, with parts in brackets written out: `Et|(t*3|)*4tL`. */
function stagesOf(layout: string): string[] {
  const plain = layout
    .replaceAll(/\s/g, '')
    .replaceAll(/\(([^()]*)\)\*(\d+)/g, (_, part: string, n: string) => part.repeat(Math.min(Number(n), MOST_REPEATS)));
  return plain.split('|');
}

/** How many layers of a kind each stage of a layout has: `t` of the decoder, `m` that predict later tokens. */
export function layoutLayers(layout: string, kind: 't' | 'm'): number[] {
  const layer = new RegExp(`${kind}(?:\\*(\\d+))?`, 'g');
  return stagesOf(layout).map((stage) => [...stage.matchAll(layer)].reduce((sum, [, n]) => sum + Number(n ?? 1), 0));
}

/** `count` stages of a size, each with its end. */
function equalStages(size: number, count: number): string {
  const stage = `t${size > 1 ? `*${size}` : ''}|`;
  return count > 1 ? `(${stage})*${count}` : stage.repeat(count);
}

/** Stages of unlike size, the earlier ones a layer larger, the last with what predicts later tokens: `E(t*8|)*2t*7mL`. */
function unevenLayout({ layers, mtpLayers }: TrainedDesign['model'], stages: number): string {
  const [size, larger] = [Math.floor(layers / stages), layers % stages];
  const all = equalStages(size + 1, larger) + equalStages(size, stages - larger - 1) + equalStages(size, 1);
  return `E${all.slice(0, -1)}${'m'.repeat(mtpLayers)}L`;
}

/** Layers that stages share: those of the model, and what is counted as one. */
function countedLayers(given: Given): number {
  const layers = given.model?.layers ?? given.count('--num-layers', 1);
  return layers + (given.has(COUNT_EMBEDDING) ? 1 : 0) + (given.has(COUNT_LOSS) ? 1 : 0);
}

function chunksOf(given: Given): number {
  const pp = given.count(PIPELINE, 1);
  if (given.has(CHUNKS)) return given.count(CHUNKS, 1);
  const layout = given.text(LAYOUT);
  if (layout !== undefined) {
    const stages = layoutLayers(layout, 't');
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
  // Of stages that differ the largest are cut evenly: what is said without a layout needs none.
  if (Math.ceil(layers / pp) % chunks === 0 && layers >= pp * chunks && counted.length === 0) {
    return [written(LAYOUT, `'${unevenLayout(model, pp * chunks)}'`), ...grouped];
  }
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

const EDGES_ROW: Row = {
  settings: [COUNT_EMBEDDING, COUNT_LOSS],
  targets: ['workload.embeddingLayers', 'workload.headLayers'],
  read: (given) => ({
    'workload.embeddingLayers': given.has(COUNT_EMBEDDING) ? 1 : 0,
    'workload.headLayers': given.has(COUNT_LOSS) ? 1 : 0,
  }),
  write: (design) => (design.values.number('workload.pp') === 1 || isStated(design) ? [] : edges(design)),
};

export const STAGE_ROWS: readonly Row[] = [SCHEDULE_ROW, EDGES_ROW];
