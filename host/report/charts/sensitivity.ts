import { Goal } from '../../../kernels/objective/goal.js';
import type { Objective } from '../../../kernels/objective/objective.js';
import { describeDesign } from '../../../psa/ordinals.js';
import type { CompiledSpace } from '../../../psa/space.js';
import { entryName } from '../../designs/designs.js';
import { formatNumber, plural } from '../../display/format.js';
import type { Alternative } from '../../optimum/alternatives.js';
import type { Winner } from '../../search/winners.js';
import { ACCENT, type Chart, COLORS, COMMON, namedBelow, tooltip } from './chart.js';

/** What of a design is named: `workload.tp = 8, workload.dp = 16`. */
function valuesOf(space: CompiledSpace, names: readonly string[], design: Float64Array): string {
  const entries = describeDesign(space, design);
  return names
    .map((name) => {
      const { value, unit } = entries.find((entry) => entryName(entry) === name || entry.parameter === name)!;
      return `${name} = ${value}${unit === '' ? '' : ` ${unit}`}`;
    })
    .join(', ');
}

function rowLabel(parameter: string, others: readonly Alternative[]): string {
  const infeasible = others.filter(({ objective }) => objective === undefined).length;
  const short = parameter.replace(/^(workload|collective|network|compute)\./, '');
  return infeasible === 0 ? short : `${short}  (${infeasible} of ${others.length} infeasible)`;
}

/** Every other value of each parameter: how much worse it makes a design. */
export function sensitivityChart(
  space: CompiledSpace,
  best: Winner,
  others: readonly Alternative[],
  objective: Objective,
): Chart {
  const { label, unit } = objective;
  const goal = new Goal(space, [objective]);
  const own = best.objectives[0]!;
  const parameters = [...new Set(others.map(({ parameter }) => parameter))].map((name) => ({
    name,
    all: others.filter(({ parameter }) => parameter === name),
  }));
  const worst = ({ all }: (typeof parameters)[number]) =>
    Math.max(0, ...all.map(({ objective }) => (objective ?? own) / own));
  const rows = parameters.sort((a, b) => worst(b) - worst(a));
  const reasons = [
    ...new Set(others.flatMap(({ status, objective }) => (objective === undefined ? goal.reasonsOf(status) : []))),
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
      `Each dot is the best design with one parameter changed (${plural(others.length, 'design')}, all evaluated). Where a constraint ties it to others, as few as possible follow, data parallelism first. ` +
      `Right of 1 is worse.${reasons.length === 0 ? '' : ` Infeasible choices are not drawn: ${reasons.join('; ')}.`}`,
    heightPx: 90 + 27 * rows.length,
    option: {
      ...COMMON,
      grid: { left: 8, right: 24, top: 8, bottom: 34, containLabel: true },
      xAxis: { ...scale, ...namedBelow(`${label} relative to the best design`) },
      yAxis: {
        type: 'category',
        inverse: true,
        data: rows.map(({ name, all }) => rowLabel(name, all)),
        splitLine: { show: true, lineStyle: { opacity: 0.3 } },
      },
      series: [
        {
          type: 'scatter',
          name: 'other choices',
          symbolSize: 8,
          itemStyle: { color: COLORS[0], opacity: 0.55 },
          data: rows.flatMap(({ all }, row) =>
            all.flatMap(({ objective, changed, design, ordinal }) =>
              objective === undefined
                ? []
                : [
                    {
                      value: [objective / own, row],
                      tooltip: tooltip(
                        `${(objective / own).toFixed(3)}×`,
                        valuesOf(space, changed, design),
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
          data: rows.map(({ name }, row) => ({
            value: [1, row],
            tooltip: tooltip('the best design', valuesOf(space, [name], best.design)),
          })),
        },
      ],
    },
  };
}
