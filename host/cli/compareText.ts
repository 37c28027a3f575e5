import { Goal } from '../../kernels/objective/goal.js';
import { designRow } from '../designs/designRow.js';
import { formatColumn, formatNumber, formatRatio } from '../display/format.js';
import { titleOf } from '../display/title.js';
import { rulesOf } from '../profiles/profiles.js';
import { winnerJson } from '../runs/designJson.js';
import type { Winner } from '../search/winners.js';
import { COMPARED_SPACES, type CompareRequest, type Comparison, gainOf, type StackOptimum } from '../study/compare.js';
import { comparisonTable } from './comparison.js';
import { formatTable, left, right } from './table.js';

type SolvedOptimum = StackOptimum & { readonly best: Winner };

/** The optima and their ratios, then the designs side by side. */
export function comparisonLines(comparison: Comparison): string[] {
  const { objective, baseline, optima } = comparison;
  const full = optima.at(-1)!.space;
  const solved = optima.filter((optimum): optimum is SolvedOptimum => optimum.best !== undefined);
  return [
    `${titleOf(full)}: best designs by ${objective.label} (${objective.unit}), smaller is better`,
    '',
    optimaTable(comparison),
    '',
    'of default: relative to the default of the system; full-stack gain: how many times better the full stack is.',
    `${howNotes(optima)}. Changes that gain nothing are taken back.`,
    ...(solved.length === 0
      ? []
      : [
          '',
          'The designs side by side (* differs from the default, × relative to it):',
          '',
          comparisonTable(
            full,
            baseline,
            solved.map(({ best }) => best),
            new Goal(full, [objective]),
            solved.map(({ stack }) => stack),
          ),
        ]),
  ];
}

function optimaTable(comparison: Comparison): string {
  const { objective, baseline, optima } = comparison;
  const reference = baseline?.objectives?.[0];
  const values = formatColumn([reference ?? 0, ...optima.map(({ best }) => best?.objectives[0] ?? 0)]);
  const counted = optima.some(({ feasible }) => feasible !== undefined);
  const columns = [
    left('stack'),
    left('how'),
    right('designs'),
    ...(counted ? [right('feasible')] : []),
    right('evaluated'),
    right(`${objective.label} (${objective.unit})`, 5),
    right('of default', 2),
    right('full-stack gain', 4),
  ];
  const full = optima.at(-1)!.best?.objectives[0];
  return formatTable(columns, [
    [
      'default',
      '',
      '1',
      ...(counted ? [reference === undefined ? '0' : '1'] : []),
      '1',
      ...cells(reference, values[0]!, reference, full),
    ],
    ...optima.map(({ stack, method, designs, feasible, evaluated, best }, i) => [
      stack,
      method,
      formatNumber(designs),
      ...(counted ? [feasible === undefined ? '-' : formatNumber(feasible)] : []),
      formatNumber(evaluated),
      ...cells(best?.objectives[0], values[i + 1]!, reference, full),
    ]),
  ]);
}

const HOW: Readonly<Record<StackOptimum['method'], string>> = {
  proof: 'proof: no design of the space is better, by bounds of those that were not evaluated',
  sweep: 'sweep: every design was evaluated',
  search: 'search: the best that was found',
};

/** What the methods mean. */
function howNotes(optima: readonly StackOptimum[]): string {
  return [...new Set(optima.map(({ method }) => HOW[method]))].join('; ');
}

function cells(value: number | undefined, text: string, reference: number | undefined, full: number | undefined) {
  if (value === undefined) return ['infeasible', '-', '-'];
  return [text, formatRatio(value, reference ?? 0), formatRatio(value, full ?? 0)];
}

export function comparisonJson(request: CompareRequest, comparison: Comparison) {
  const { baseline, optima, objective } = comparison;
  const { space: full } = optima.at(-1)!;
  const { objectives: _, ...settings } = request;
  return {
    ...settings,
    profile: rulesOf(full.workload).name,
    objective: { label: objective.label, unit: objective.unit },
    default: baseline === undefined ? null : { objectives: baseline.objectives ?? null, ...designRow(full, baseline) },
    optima: optima.map(({ stack, space, method, designs, feasible, evaluated, boxes, best }) => ({
      stack,
      space: COMPARED_SPACES[stack],
      method,
      designs: designs.toString(),
      feasible: feasible?.toString() ?? null,
      evaluated: evaluated.toString(),
      ...(boxes === undefined ? {} : { boxes }),
      fullStackGain: gainOf(comparison, stack) ?? null,
      best: best === undefined ? null : winnerJson(space, best),
    })),
  };
}
