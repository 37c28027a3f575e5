import { displayUnit, formatNumber, plural } from '../display/format.js';
import type { CollectiveRow, GraphTables, OperationRow } from '../profiles/operationTables.js';
import { type Html, html } from './html.js';

type Row = Pick<OperationRow, 'stepUs'>;

/** A table of numbers behind some columns of words. */
function numberTable(words: number, headings: readonly string[], rows: readonly (readonly string[])[]): Html {
  const head = headings.map(
    (heading, i) => html`<th scope="col"${i < words ? html` class="word"` : ''}>${heading}</th>`,
  );
  const body = rows.map((cells) => {
    const [first, ...others] = cells;
    const data = others.map((cell, i) => html`<td${i + 1 < words ? html` class="word"` : ''}>${cell}</td>`);
    return html`<tr><th scope="row">${first!}</th>${data}</tr>`;
  });
  return html`<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function stepColumn(rows: readonly Row[]): { heading: string; cell: (row: Row) => string } {
  const { unit, factor } = displayUnit(
    'us',
    rows.map(({ stepUs }) => stepUs),
  );
  return { heading: `per step (${unit})`, cell: ({ stepUs }) => formatNumber(stepUs * factor) };
}

function operations({ operations: rows, workUnit }: GraphTables): Html {
  const step = stepColumn(rows);
  return numberTable(
    3,
    ['operation', 'section', 'bound by', workUnit, 'MB moved', 'time (us)', 'runs', step.heading],
    rows.map((row) => [
      row.name,
      row.section,
      row.bound,
      ...[row.work, row.sizeMB, row.timeUs, row.runs].map((value) => formatNumber(value)),
      step.cell(row),
    ]),
  );
}

function collectives(rows: readonly CollectiveRow[]): Html {
  const step = stepColumn(rows);
  return numberTable(
    3,
    ['group', 'collective', 'dimension: NPUs, algorithm', 'NPUs', 'payload (MB)', 'time (us)', 'runs', step.heading],
    rows.map((row) => [
      row.group,
      row.collective,
      row.over,
      ...[row.npus, row.payloadMB, row.timeUs, row.runs].map((value) => formatNumber(value)),
      step.cell(row),
    ]),
  );
}

/** Every operation and collective of a step, folded away. */
export function stepTables(tables: readonly GraphTables[]): Html {
  const parts = tables.map(
    (graph) => html`<details><summary>Every operation of a step: ${graph.title}</summary>
<p class="note">${plural(graph.microBatches, 'micro-batch')}, ${plural(graph.layersPerStage, 'layer')} on ${graph.stage}.</p>
${operations(graph)}${graph.collectives.length === 0 ? '' : html`<h3>Its collectives and sends, those of weights and gradients included</h3>${collectives(graph.collectives)}`}</details>`,
  );
  return html`${parts}`;
}
