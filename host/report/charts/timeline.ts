import type { Span } from '../../../kernels/schedule/passes.js';
import type { Slice } from '../../../kernels/schedule/timeline.js';
import type { CompiledSpace } from '../../../psa/space.js';
import { formatShare } from '../../display/format.js';
import type { GraphTables } from '../../profiles/operationTables.js';
import { rulesOf } from '../../profiles/profiles.js';
import { type Chart, COLORS, MUTED } from './chart.js';
import { type Bar, ganttChart } from './gantt.js';
import { shadeThin } from './shading.js';

/** Micro-batches that are drawn at either end of a long step, wide enough to be told apart. */
const MICRO_BATCHES_DRAWN = 8;
/** Stages that are drawn at either end of a long pipeline. */
const STAGES_DRAWN = 8;
/** So many bars a browser draws without a pause. */
const MAX_BARS = 4000;
/** Shorter slices are thinner than a pixel. */
const THINNEST = 1 / 1500;

const LANE_COLORS = {
  'micro-batch': COLORS[7],
  layer: COLORS[9],
  compute: COLORS[0],
  communication: COLORS[2],
} as const;

const BACKWARD_COLOR = COLORS[6];

function colorOf({ lane, name }: Slice): string {
  if (name.endsWith(' more passes')) return MUTED;
  return lane === 'micro-batch' && name.startsWith('B') ? BACKWARD_COLOR : LANE_COLORS[lane];
}

const NOTES = {
  'micro-batches':
    'Forward passes are light blue, backward passes violet; of the first and last micro-batch of stage 0 also layers and operations.',
  operations: 'What one NPU of each pipeline stage does: computations are blue, collectives and sends red.',
} as const;

function stagesNote(stages: number): string {
  return stages > 2 * STAGES_DRAWN ? ` Of ${stages} stages the first and the last ${STAGES_DRAWN} are drawn.` : '';
}

function gapNote(gaps: readonly Span[], stepUs: number): string {
  if (gaps.length === 0) return '';
  const share = gaps.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0) / stepUs;
  return ` Where the axis is broken, ${formatShare(share)} of the step is left out: there, the stages repeat what they do beside it.`;
}

/** One step: the micro-batches of all stages, and the layers and operations of the first, or of all where there is no more. */
export function stepChart(space: CompiledSpace, design: Float64Array): Chart {
  const { slices, repeated } = rulesOf(space.workload).timeline(space, design, MICRO_BATCHES_DRAWN);
  const stepUs = slices.reduce((end, { startUs, durationUs }) => Math.max(end, startUs + durationUs), 0);
  const shownUs = repeated.reduce((rest, { startUs, endUs }) => rest - (endUs - startUs), stepUs);
  const stages = slices.reduce((count, { stage }) => Math.max(count, stage + 1), 1);
  const drawn = slices.some(({ lane }) => lane === 'micro-batch') ? 'micro-batches' : 'operations';
  const isDrawn = ({ stage, lane }: Slice) =>
    lane === 'micro-batch' || drawn === 'operations'
      ? stage < STAGES_DRAWN || stage >= stages - STAGES_DRAWN
      : stage === 0;
  const all: Bar[] = slices
    .filter(isDrawn)
    .map((slice) => ({ ...slice, row: `stage ${slice.stage} ${slice.lane}`, color: colorOf(slice) }));
  const bars = shadeThin(all, shownUs * THINNEST, MAX_BARS);
  const lanes = Object.keys(LANE_COLORS);
  const rows = Array.from({ length: stages }, (_, stage) => lanes.map((lane) => `stage ${stage} ${lane}`))
    .flat()
    .filter((row) => bars.some((bar) => bar.row === row));
  return ganttChart(
    bars,
    rows,
    {
      id: 'step',
      title: 'One step',
      note: `${NOTES[drawn]}${stagesNote(stages)}${gapNote(repeated, stepUs)} What is too short to see is joined with its neighbours, paler where there are pauses between. Drag the handles below to zoom.`,
    },
    repeated,
  );
}

/** One layer of the phase that a step spends most on, forward and then backward: every operation and collective. */
export function layerChart(tables: readonly GraphTables[]): Chart[] {
  const [heaviest] = [...tables].sort((a, b) => b.weight * b.timeUs - a.weight * a.timeUs);
  if (heaviest === undefined) return [];
  const bars = heaviest.layer.map(({ pass, name, bound, startUs, endUs }) => {
    const lane = bound === 'network' ? 'communication' : 'compute';
    return {
      row: `${pass} ${lane}`,
      name: `${name} (bound by ${bound})`,
      startUs,
      durationUs: endUs - startUs,
      color: bound === 'memory' ? COLORS[1] : LANE_COLORS[lane],
    };
  });
  const rows = ['forward compute', 'forward communication', 'backward compute', 'backward communication'];
  const chart = ganttChart(
    bars,
    rows.filter((row) => bars.some((bar) => bar.row === row)),
    {
      id: 'layer',
      title: 'One layer',
      note: `${heaviest.title}: one layer and micro-batch on ${heaviest.stage}. Blue: bound by arithmetic; yellow: bound by memory; red: communication.`,
    },
  );
  return [chart];
}
