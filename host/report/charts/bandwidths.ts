import { OUTPUT } from '../../../kernels/outputs.js';
import { SLOT } from '../../../psa/parameters.js';
import type { CompiledSpace } from '../../../psa/space.js';
import { designEvaluator } from '../../designs/designs.js';
import { displayUnit, formatNumber } from '../../display/format.js';
import { type Chart, COLORS, COMMON, namedAbove, namedBelow, suitedScale, tooltip } from './chart.js';

/** From an eighth of a bandwidth to eight times as much, two points an octave. */
const FACTORS = Array.from({ length: 13 }, (_, i) => 2 ** (i / 2 - 3));

interface Point {
  readonly factor: number;
  readonly bandwidthGBps: number;
  readonly timeUs: number;
}

/** Step times over the bandwidth of one dimension, all else as it is; without those of steps that do not end. */
function course(space: CompiledSpace, design: Float64Array, dimension: number): Point[] {
  const evaluate = designEvaluator(space);
  const slot = SLOT.network.bandwidthGBps + dimension;
  return FACTORS.map((factor) => {
    const bandwidthGBps = design[slot]! * factor;
    return { factor, bandwidthGBps, timeUs: evaluate(design.with(slot, bandwidthGBps)).outputs[OUTPUT.timeUs]! };
  }).filter(({ timeUs }) => timeUs > 0);
}

/** Step time of a design against the bandwidth of each network dimension, a line each; no chart where there is one NPU. */
export function bandwidthsChart(space: CompiledSpace, design: Float64Array): Chart[] {
  const courses = Array.from({ length: space.dimensions }, (_, dimension) => dimension)
    .filter((dimension) => design[SLOT.network.npus + dimension]! > 1)
    .map((dimension) => ({ dimension, points: course(space, design, dimension) }))
    .filter(({ points }) => points.length > 0);
  if (courses.length === 0) return [];
  const times = courses.flatMap(({ points }) => points.map(({ timeUs }) => timeUs));
  const { unit, factor: scale } = displayUnit('us', times);
  const chart: Chart = {
    id: 'bandwidths',
    title: 'Step time against each bandwidth',
    note: 'The best design with the bandwidth of one network dimension changed, from an eighth to eight times as much, all else as it is; the larger marks are its own. A flat line: more bandwidth there brings nothing.',
    heightPx: 340,
    option: {
      ...COMMON,
      legend: { top: 0 },
      grid: { left: 8, right: 32, top: 56, bottom: 34, containLabel: true },
      xAxis: {
        type: 'log',
        ...namedBelow('bandwidth per NPU (GB/s)'),
        ...powersAround(courses.flatMap(({ points }) => points.map(({ bandwidthGBps }) => bandwidthGBps))),
      },
      yAxis: { ...suitedScale(times), ...namedAbove(`step time (${unit})`) },
      series: courses.map(({ dimension, points }) => ({
        type: 'line',
        name: `dimension ${dimension}`,
        color: COLORS[dimension % COLORS.length]!,
        symbol: 'circle',
        data: points.map(({ factor, bandwidthGBps, timeUs }) => ({
          value: [bandwidthGBps, timeUs * scale],
          symbolSize: factor === 1 ? 12 : 4,
          tooltip: tooltip(
            `${formatNumber(timeUs * scale)} ${unit}`,
            `dimension ${dimension} at ${formatNumber(bandwidthGBps)} GB/s${factor === 1 ? ', as it is' : ''}`,
          ),
        })),
      })),
    },
  };
  return [chart];
}

/** ECharts labels every power of the base where there are no more than these, else every tenth. */
const MOST_POWERS = 9;

/** Of an axis: powers around all values, each of which has a label. */
export function powersAround(values: readonly number[]): { logBase: number; min: number; max: number } {
  const around = (logBase: number) => {
    const powers = values.map((value) => Math.log(value) / Math.log(logBase));
    return { logBase, low: Math.floor(Math.min(...powers)), high: Math.ceil(Math.max(...powers)) };
  };
  const twos = around(2);
  const { logBase, low, high } = twos.high - twos.low > MOST_POWERS ? around(4) : twos;
  return { logBase, min: logBase ** low, max: logBase ** high };
}
