import { formatColumn, formatNumber, formatShare } from '../display/format.js';
import type { RunSearch, RunSweep } from '../runs/findings.js';
import type { RunResult } from '../runs/runResult.js';
import { sweepRequest } from '../runs/settings.js';
import { rangeText } from '../runs/sweepRuns.js';
import { type Html, html } from './html.js';

/** Numbers behind some words, of one search or sweep. */
interface Row {
  readonly words: readonly string[];
  readonly evaluated: number;
  readonly feasible: number;
  /** Of the first objective; undefined where nothing is feasible. */
  readonly best: number | undefined;
}

function searchRow({ settings, backend, state }: RunSearch): Row {
  const { evaluations, feasible, history } = state;
  return {
    words: [settings.agent, String(settings.seed), backend.name],
    evaluated: evaluations,
    feasible,
    best: history.at(-1)?.[1],
  };
}

function sweepRow({ path, settings, backend, part }: RunSweep): Row {
  return {
    words: [path, rangeText(sweepRequest(settings)), backend.name],
    evaluated: Number(part.evaluated),
    feasible: Number(part.feasible),
    best: part.top[0]?.objectives[0],
  };
}

/** What each of several searches or sweeps came to; nothing where there is one. */
export function partsTable({ searches, sweeps, goal }: RunResult): Html {
  const rows = searches.length > 0 ? searches.map(searchRow) : sweeps.map(sweepRow);
  if (rows.length < 2) return html``;
  const { label, unit } = goal.first;
  const best = formatColumn(rows.map((row) => row.best ?? Number.NaN));
  const words = searches.length > 0 ? ['agent', 'seed', 'backend'] : ['run', 'designs', 'backend'];
  const heads = words.map((word) => html`<th scope="col" class="word">${word}</th>`);
  const body = rows.map((row, i) => {
    const [first, ...others] = row.words;
    return html`<tr><th scope="row">${first!}</th>${others.map((word) => html`<td class="word">${word}</td>`)}
<td>${formatNumber(row.evaluated)}</td><td>${formatShare(row.feasible / Math.max(row.evaluated, 1))}</td>
<td>${row.best === undefined ? 'none' : best[i]!}</td></tr>`;
  });
  return html`<div class="scroll"><table><thead><tr>${heads}<th scope="col">evaluated</th><th scope="col">feasible</th>
<th scope="col">best ${label} (${unit})</th></tr></thead><tbody>${body}</tbody></table></div>`;
}
