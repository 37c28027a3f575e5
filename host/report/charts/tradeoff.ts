import type { Objective } from '../../../kernels/objective/objective.js';
import { definitionOf, OUTPUT, type OutputName } from '../../../kernels/outputs.js';
import { insertIntoFront } from '../../../kernels/reduce/front.js';
import { displayUnit, formatNumber } from '../../display/format.js';
import { ACCENT, type Chart, COLORS, COMMON, MUTED, namedAbove, namedBelow, suitedScale, tooltip } from './chart.js';

export interface KnownDesign {
  readonly name: string;
  readonly outputs: Float64Array;
}

interface Point {
  readonly name: string;
  readonly objectives: readonly [number, number];
}

const FAR = 3;

/** The output that an objective is, where it is one alone. */
function outputOf({ terms, reward }: Objective): OutputName | undefined {
  const [term, ...others] = terms;
  return !reward && others.length === 0 && term?.exponent === 1 ? term.output : undefined;
}

/** What time is weighed against: what the run asked for, else the price, unless no two designs differ in it. */
function secondOutput(designs: readonly KnownDesign[], objectives: readonly Objective[]): OutputName {
  const asked = objectives.map(outputOf).find((name) => name !== undefined && name !== 'timeUs');
  if (asked !== undefined) return asked;
  const varies = (name: OutputName) => new Set(designs.map(({ outputs }) => outputs[OUTPUT[name]])).size > 1;
  return (['costUsd', 'bandwidthGBps'] as const).find(varies) ?? 'memoryMB';
}

/** Is a point in any direction several times as far away as some others lie apart? */
function isFarFrom({ objectives }: Point, others: readonly Point[]): boolean {
  return objectives.some((value, axis) => {
    const values = others.map((other) => other.objectives[axis]!);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return Math.max(value - high, low - value) > FAR * (high - low);
  });
}

/** Step time against the network's price (or what else varies), with the designs that none beats in both. */
export function tradeoffChart(
  designs: readonly KnownDesign[],
  best: KnownDesign | undefined,
  reference: KnownDesign | undefined,
  objectives: readonly Objective[],
): Chart {
  const second = secondOutput(designs, objectives);
  const { label } = definitionOf(second);
  const all = [...designs, ...(best ? [best] : []), ...(reference ? [reference] : [])];
  const time = displayUnit(
    'us',
    all.map(({ outputs }) => outputs[OUTPUT.timeUs]!),
  );
  const other = displayUnit(
    definitionOf(second).unit,
    all.map(({ outputs }) => outputs[OUTPUT[second]]!),
  );
  const point = ({ name, outputs }: KnownDesign): Point => ({
    name,
    objectives: [outputs[OUTPUT[second]]! * other.factor, outputs[OUTPUT.timeUs]! * time.factor],
  });
  const mark = ({ name, objectives: [x, y] }: Point) => ({
    value: [x, y],
    tooltip: tooltip(name, `step time ${formatNumber(y)} ${time.unit}`, `${label} ${formatNumber(x)} ${other.unit}`),
  });
  const priced = designs.map(point).filter(({ objectives: [x] }) => x > 0);
  const front: Point[] = [];
  for (const candidate of priced) insertIntoFront(front, candidate);
  front.sort((a, b) => a.objectives[0] - b.objectives[0]);
  const found = [...priced, ...(best ? [point(best)] : [])];
  // A default far away from a front would press it flat.
  const outside = objectives.length > 1 && reference !== undefined && isFarFrom(point(reference), found);
  const shown = [...found, ...(reference && !outside ? [point(reference)] : [])];
  const scaleOf = (axis: 0 | 1) => suitedScale(shown.map(({ objectives }) => objectives[axis]));
  const single = (name: string, design: KnownDesign | undefined, symbol: string, color: string) =>
    design === undefined
      ? []
      : [
          {
            type: 'scatter' as const,
            name,
            symbol,
            symbolSize: 15,
            itemStyle: { color },
            z: 5,
            data: [mark(point(design))],
          },
        ];
  return {
    id: 'tradeoff',
    title: 'Trade-off',
    note:
      objectives.length > 1
        ? `The designs that no other beats in the objectives of the run, of all that it evaluated, and the best ones.${
            outside
              ? ` The default (${point(reference!)
                  .objectives.map((value, axis) => `${formatNumber(value)} ${axis === 0 ? other.unit : time.unit}`)
                  .join(', ')}) lies outside.`
              : ''
          }`
        : 'The designs that the run kept and the neighbours of the best one, with the front among these; designs that it dropped may lie before it (a run with several objectives keeps the front of all that it evaluates).',
    heightPx: 380,
    option: {
      ...COMMON,
      legend: { top: 0 },
      grid: { left: 8, right: 48, top: 56, bottom: 34, containLabel: true },
      xAxis: { ...scaleOf(0), ...namedBelow(`${label} (${other.unit})`) },
      yAxis: { ...scaleOf(1), ...namedAbove(`step time (${time.unit})`) },
      dataZoom: [{ type: 'inside', filterMode: 'none' }],
      series: [
        {
          type: 'scatter',
          name: 'designs',
          symbolSize: 6,
          itemStyle: { color: MUTED, opacity: 0.5 },
          data: priced.map(mark),
        },
        { type: 'line', name: 'front', step: 'end', symbolSize: 8, color: COLORS[0], data: front.map(mark) },
        ...single('default', outside ? undefined : reference, 'triangle', COLORS[1]),
        ...single('best', best, 'diamond', ACCENT),
      ],
    },
  };
}
