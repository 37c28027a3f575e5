import { Goal } from '../../../kernels/objective/goal.js';
import type { Objective } from '../../../kernels/objective/objective.js';
import { describeDesign } from '../../../psa/ordinals.js';
import { slotOf } from '../../../psa/parameters.js';
import type { CompiledSpace, Gene } from '../../../psa/space.js';
import { formatNumber, plural } from '../../display/format.js';
import type { Neighbour } from '../../optimum/neighbourhood.js';
import type { Winner } from '../../search/winners.js';
import { ACCENT, type Chart, COLORS, COMMON, namedBelow, tooltip } from './chart.js';

function valuesOf(space: CompiledSpace, { slots }: Gene, design: Float64Array): string {
  const wanted = new Set(slots);
  return describeDesign(space, design)
    .filter(({ parameter, dimension }) => wanted.has(slotOf(parameter) + (dimension ?? 0)))
    .map(({ value, unit }) => (unit === '' || slots.length > 1 ? String(value) : `${value} ${unit}`))
    .join(' × ');
}

function rowLabel({ name }: Gene, neighbours: readonly Neighbour[]): string {
  const infeasible = neighbours.filter(({ objective }) => objective === undefined).length;
  const short = name.replaceAll(/\b(workload|collective|network|compute)\./g, '');
  return infeasible === 0 ? short : `${short}  (${infeasible} of ${neighbours.length} infeasible)`;
}

/** The whole one-parameter neighbourhood of a design: how much worse each other choice is. */
export function sensitivityChart(
  space: CompiledSpace,
  best: Winner,
  neighbours: readonly Neighbour[],
  objective: Objective,
): Chart {
  const { label, unit } = objective;
  const goal = new Goal([objective]);
  const own = best.objectives[0]!;
  const genes = space.genes.map((gene, index) => ({
    gene,
    neighbours: neighbours.filter((neighbour) => neighbour.gene === index),
  }));
  const worst = ({ neighbours: all }: (typeof genes)[number]) =>
    Math.max(0, ...all.map(({ objective }) => (objective ?? own) / own));
  const rows = genes.sort((a, b) => worst(b) - worst(a));
  const reasons = [
    ...new Set(neighbours.flatMap(({ status, objective }) => (objective === undefined ? goal.reasonsOf(status) : []))),
  ];
  // Powers of two where choices differ much.
  const scale =
    Math.max(1, ...rows.map(worst)) > 4
      ? { type: 'log' as const, logBase: 2 }
      : { type: 'value' as const, scale: true };
  return {
    id: 'sensitivity',
    title: 'Sensitivity of the best design',
    note:
      `Each dot is the best design with one parameter changed (${plural(neighbours.length, 'design')}, all evaluated); parameters that a constraint ties together change together. ` +
      `Right of 1 is worse.${reasons.length === 0 ? '' : ` Infeasible choices are not drawn: ${reasons.join('; ')}.`}`,
    heightPx: 90 + 24 * rows.length,
    option: {
      ...COMMON,
      grid: { left: 8, right: 24, top: 8, bottom: 34, containLabel: true },
      xAxis: { ...scale, ...namedBelow(`${label} relative to the best design`) },
      yAxis: {
        type: 'category',
        inverse: true,
        data: rows.map(({ gene, neighbours: all }) => rowLabel(gene, all)),
        splitLine: { show: true, lineStyle: { opacity: 0.3 } },
      },
      series: [
        {
          type: 'scatter',
          name: 'other choices',
          symbolSize: 8,
          itemStyle: { color: COLORS[0], opacity: 0.55 },
          data: rows.flatMap(({ gene, neighbours: all }, row) =>
            all.flatMap(({ objective, design, ordinal }) =>
              objective === undefined
                ? []
                : [
                    {
                      value: [objective / own, row],
                      tooltip: tooltip(
                        `${(objective / own).toFixed(3)}×`,
                        `${gene.name} = ${valuesOf(space, gene, design)}`,
                        `${label} ${formatNumber(objective)} ${unit}, design ${ordinal}`,
                      ),
                    },
                  ],
            ),
          ),
        },
        {
          type: 'scatter',
          name: 'the best design',
          symbol: 'diamond',
          symbolSize: 11,
          itemStyle: { color: ACCENT },
          data: rows.map(({ gene }, row) => ({
            value: [1, row],
            tooltip: tooltip('the best design', `${gene.name} = ${valuesOf(space, gene, best.design)}`),
          })),
        },
      ],
    },
  };
}
