import { definitionOf, OUTPUT } from '../../kernels/outputs.js';
import { describeDesign } from '../../psa/ordinals.js';
import { displayUnit, formatEffect, formatNumber, formatRatio, formatShare, plural } from '../display/format.js';
import { outputRows } from '../display/outputRows.js';
import { formatParameter, parameterHeading } from '../display/parameters.js';
import type { RunResult } from '../runs/runResult.js';
import { isNoticeable } from './ablation.js';
import type { Explanation } from './explanation.js';
import { type Html, html } from './html.js';

/** Designs beside the default. */
export const COMPARED = 3;

/** The numbers that matter most, large. */
export function tiles({ winners, baseline, goal, evaluated, feasible }: RunResult): Html {
  const best = winners[0];
  if (best === undefined) return html`<p class="tiles">No feasible design was found.</p>`;
  const { label, unit } = goal.first;
  const { timeUs, mfu, costUsd, memoryMB } = OUTPUT;
  const time = displayUnit('us', [best.outputs[timeUs]!]);
  const reference = baseline?.objectives?.[0];
  const gain = reference === undefined ? undefined : formatRatio(reference, best.objectives[0]!);
  const step = `${formatNumber(best.outputs[timeUs]! * time.factor)} ${time.unit}`;
  const others: [string, string][] = [
    // Where the objective is the step time, that stands first already.
    ...(label === 'time' ? [] : ([[step, definitionOf('timeUs').label]] as [string, string][])),
    [formatShare(best.outputs[mfu]!), definitionOf('mfu').label],
    [`${formatNumber(best.outputs[memoryMB]! / 1000)} GB`, definitionOf('memoryMB').label],
    [
      best.outputs[costUsd] === 0 ? 'no price' : `$${formatNumber(Math.round(best.outputs[costUsd]!))}`,
      definitionOf('costUsd').label,
    ],
    [formatNumber(evaluated), `designs evaluated, ${formatShare(Number(feasible) / Number(evaluated))} feasible`],
  ];
  const tile = ([value, name]: [string, string]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<dl class="tiles">${tile([formatNumber(best.objectives[0]!), `${label} (${unit}), the best`])}
${gain === undefined ? '' : html`<div class="gain"><dt>better than the default</dt><dd>${gain}</dd></div>`}${others.map(tile)}</dl>`;
}

/** The default and the best designs: all outputs, and what varies, changes marked. */
export function designTable({ space, baseline, winners }: RunResult): Html {
  const best = winners.slice(0, COMPARED);
  const designs = [...(baseline ? [baseline] : []), ...best];
  const headings = [...(baseline ? ['default'] : []), ...best.map((_, i) => `best ${i + 1}`)];
  const columns = designs.map(({ design }) => describeDesign(space, design));
  const parameters = columns[0]!.flatMap((first, row) => {
    if (!first.open) return [];
    const cells = columns.map((column) => {
      const { value } = column[row]!;
      const changed = baseline !== undefined && value !== first.value;
      return html`<td${changed ? html` class="changed"` : ''}>${formatParameter(value)}</td>`;
    });
    return [html`<tr><th scope="row">${parameterHeading(first)}</th>${cells}</tr>`];
  });
  const outputs = outputRows(designs.map(({ outputs: row }) => row)).map(({ heading, isPart, cells, values }) => {
    const part = isPart ? 'part' : 'whole';
    const shown = cells.map((cell, i) => {
      const ratio = baseline !== undefined && i > 0 ? formatRatio(values[i]!, values[0]!) : '-';
      const beside =
        baseline === undefined || i === 0 ? '' : html` <small class="ratio">${ratio === '-' ? '' : ratio}</small>`;
      return html`<td>${cell}${beside}</td>`;
    });
    return html`<tr class="${part}"><th scope="row">${heading.trim()}</th>${shown}</tr>`;
  });
  const table = (what: string, rows: readonly Html[]) => html`<div class="scroll"><table>
<thead><tr><th scope="col">${what}</th>${headings.map((heading) => html`<th scope="col">${heading}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
  return html`<div class="beside">${table('output', outputs)}${parameters.length === 0 ? '' : table('parameter', parameters)}</div>
<p class="note">${baseline ? 'Marked: differs from the default; × is relative to it. ' : ''}${best.length === 1 ? 'Ordinal' : 'Ordinals'}: ${best.map(({ ordinal }) => String(ordinal)).join(', ')}.</p>`;
}

/** What each change is worth. */
export function changeTable({ takenBack }: Explanation): Html {
  if (takenBack.length === 0) return html``;
  const noticeable = takenBack.filter(isNoticeable);
  const others = takenBack.length - noticeable.length;
  const rows = noticeable.map(
    ({
      what,
      stack,
      from,
      to,
      ratio,
      reasons,
    }) => html`<tr><th scope="row">${what}</th><td>${stack ? '' : from}</td><td>${stack ? 'the default' : to}</td>
<td>${formatEffect(ratio, reasons)}</td></tr>`,
  );
  return html`<h3>Each change against the default, taken back alone</h3>
<div class="scroll"><table><thead><tr><th scope="col">parameter</th><th scope="col">best</th><th scope="col">taken back to</th>
<th scope="col">objective, relative to the best</th></tr></thead><tbody>${rows}</tbody></table></div>
${others === 0 ? '' : html`<p class="note">${plural(others, 'more change')} of no effect.</p>`}`;
}

/** The genes of the space. */
export function geneTable({ space }: RunResult): Html {
  const rows = space.genes.map(
    ({ name, size, unconstrainedSize }) =>
      html`<tr><th scope="row">${name}</th><td>${formatNumber(size)}</td><td>${formatNumber(unconstrainedSize)}</td></tr>`,
  );
  return html`<div class="scroll"><table><thead><tr><th scope="col">gene</th><th scope="col">choices</th>
<th scope="col">before constraints</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}
