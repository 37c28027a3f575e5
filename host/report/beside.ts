/** The best designs of several runs side by side, of whatever spaces, machines and objectives. */
import { describeDesign } from '../../psa/ordinals.js';
import { factTexts } from '../display/facts.js';
import { formatNumber, formatRatio, formatShare } from '../display/format.js';
import { memoryUse } from '../display/memoryUse.js';
import { outputRows } from '../display/outputRows.js';
import { formatParameter, parameterHeading } from '../display/parameters.js';
import { titleOf } from '../display/title.js';
import type { RunResult } from '../runs/runResult.js';
import type { Winner } from '../search/winners.js';
import { breakdownChart } from './charts/breakdown.js';
import type { Chart } from './charts/chart.js';
import { type Html, html } from './html.js';

/** Where one has nothing that another has. */
const NONE = '–';

/** Step time and memory of the best design of each run that has a feasible one. */
export function besideCharts(runs: readonly RunResult[]): Chart[] {
  const found = runs.filter(({ winners }) => winners.length > 0);
  if (found.length === 0) return [];
  const best = found.map(({ path, winners }) => ({ name: path, outputs: winners[0]!.outputs }));
  const capacities = [...new Set(found.map(({ winners }) => memoryUse(winners[0]!).capacityMB))];
  return [
    breakdownChart('timeUs', best, 'The best design of each run.'),
    breakdownChart(
      'memoryMB',
      best,
      'Of the fullest NPU of the best design of each run; dashed: what NPUs have.',
      capacities,
    ),
  ].map((chart) => ({ ...chart, id: `beside-${chart.id}`, title: `${chart.title}, run by run` }));
}

/** The best objectives, of runs with one objective relative to the smallest, too. */
function bestTexts(runs: readonly RunResult[]): string[] {
  const best = runs.map(({ winners }) => winners[0]?.objectives[0]);
  const isOne = new Set(runs.map(({ goal }) => goal.first.label)).size === 1;
  const least = Math.min(...best.filter((value) => value !== undefined));
  return best.map((value) => {
    if (value === undefined) return NONE;
    const rank = value === least ? 'the least' : `${formatRatio(value, least)} the least`;
    return isOne ? `${formatNumber(value)}, ${rank}` : formatNumber(value);
  });
}

function memoryText(best: Winner): string {
  const { verdict, share } = memoryUse(best);
  return `${verdict}: ${formatShare(share)} of what an NPU has`;
}

/** What was asked, and what came of it. */
function runRows(runs: readonly RunResult[]): [string, string[]][] {
  return [
    ['question', runs.map(({ space }) => titleOf(space))],
    ['space', runs.map(({ space }) => space.name)],
    ['objective', runs.map(({ goal }) => `${goal.first.label} (${goal.first.unit})`)],
    ['constraints', runs.map(({ goal }) => goal.limits.map(({ label }) => label).join('; ') || NONE)],
    ['facts', runs.map(({ space, goal }) => factTexts(space, goal).join('; ') || NONE)],
    ['designs evaluated', runs.map(({ evaluated }) => formatNumber(evaluated))],
    ['feasible', runs.map(({ evaluated, feasible }) => formatShare(Number(feasible) / Number(evaluated)))],
    ['best objective', bestTexts(runs)],
    ['memory of the best', runs.map(({ winners: [best] }) => (best === undefined ? NONE : memoryText(best)))],
  ];
}

function outputsOf(runs: readonly RunResult[]): [string, string[]][] {
  const found = runs.filter(({ winners }) => winners.length > 0);
  if (found.length === 0) return [];
  return outputRows(found.map(({ winners }) => winners[0]!.outputs)).map(({ heading, cells }) => [
    heading.trim(),
    runs.map((run) => cells[found.indexOf(run)] ?? NONE),
  ]);
}

/** Parameters that any of the spaces leaves open. */
function parametersOf(runs: readonly RunResult[]): [string, string[]][] {
  const designs = runs.map(({ space, winners }) =>
    winners[0] === undefined ? [] : describeDesign(space, winners[0].design),
  );
  const open = new Set(designs.flat().flatMap((entry) => (entry.open ? [parameterHeading(entry)] : [])));
  return [...open].map((heading) => [
    heading,
    designs.map((entries) => {
      const entry = entries.find((one) => parameterHeading(one) === heading);
      return entry === undefined ? NONE : formatParameter(entry.value);
    }),
  ]);
}

/** The best designs of runs as one table. */
export function besideTable(runs: readonly RunResult[]): Html {
  const body = (rows: readonly [string, string[]][], word = false) =>
    html`<tbody>${rows.map(
      ([heading, cells]) =>
        html`<tr><th scope="row">${heading}</th>${cells.map((cell) => (word ? html`<td class="wrapped">${cell}</td>` : html`<td>${cell}</td>`))}</tr>`,
    )}</tbody>`;
  return html`<div class="scroll"><table>
<thead><tr><th scope="col">run</th>${runs.map(({ path }) => html`<th scope="col">${path}</th>`)}</tr></thead>
${body(runRows(runs), true)}${body(outputsOf(runs))}${body(parametersOf(runs))}</table></div>`;
}
