/** A run as one page of HTML that needs no network: its charts are data, drawn by an ECharts that travels along. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../psa/packageRoot.js';
import { factTexts } from '../display/facts.js';
import { formatNumber } from '../display/format.js';
import { titleOf } from '../display/title.js';
import type { RunResult } from '../runs/runResult.js';
import { besideCharts, besideTable } from './beside.js';
import { reportCharts } from './charts/all.js';
import type { Chart } from './charts/chart.js';
import { explainDesign } from './explanation.js';
import { Html, html } from './html.js';
import { partsTable } from './partsTable.js';
import { ROBUST_TITLE, robustSection } from './robustSection.js';
import { stepTables } from './stepTables.js';
import { changeTable, designTable, geneTable, tiles } from './tables.js';

function readAsset(...path: string[]): string {
  return readFileSync(join(packageRoot, ...path), 'utf8');
}

/** Text inside a script element must not end it. */
function scriptText(text: string): Html {
  return new Html(text.replaceAll('</script', '<\\/script'));
}

function chartData(charts: readonly Chart[]): Html {
  const plain = charts.map(({ id, option }) => ({ id, option }));
  return new Html(JSON.stringify(plain).replaceAll('<', '\\u003c'));
}

/** What a chart can be saved as. */
const SAVED = ['svg', 'png', 'csv'] as const;

function figure({ id, title, note, heightPx }: Chart): Html {
  return html`<figure><figcaption><h3>${title}</h3><p class="note">${note}</p></figcaption>
<div class="chart" id="${id}" style="height:${heightPx}px" role="img" tabindex="0" aria-label="${title}: ${note}"></div>
<p class="save">Save as ${SAVED.map((kind) => html`<button type="button" data-save="${kind}" aria-label="Save ${title} as ${kind.toUpperCase()}">${kind.toUpperCase()}</button>`)}</p></figure>`;
}

/** Settings by their names; where several searches differ, all that they have. */
function namedSettings(all: readonly object[]): [string, string][] {
  const names = [...new Set(all.flatMap((settings) => Object.keys(settings)))];
  return names.flatMap((name): [string, string][] => {
    const texts = all.map((settings) => settingText((settings as Record<string, unknown>)[name] ?? []));
    const distinct = [...new Set(texts)];
    return distinct.every((text) => text === '') ? [] : [[name, distinct.join('; ')]];
  });
}

/** `time, cost` of a list, `samples, seed 3` of an object that has a kind. */
function settingText(value: unknown): string {
  if (Array.isArray(value)) return value.map(settingText).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, part]) => (name === 'kind' ? settingText(part) : `${name} ${settingText(part)}`))
    .join(', ');
}

function settingsList({ manifest, paths, searches, sweeps, goal, space: compiled }: RunResult): Html {
  const { space, created, cosmic, command } = manifest;
  const facts = factTexts(compiled, goal);
  const parts = [...searches, ...sweeps];
  const backends = new Set(parts.map(({ backend }) => `${backend.name}: ${backend.description}`));
  const entries: [string, string][] = [
    [paths.length === 1 ? 'run' : 'runs', paths.join(', ')],
    ['command', `cosmic ${command}`],
    ['created', created],
    ['cosmic', cosmic],
    // A proof by itself has no backend to choose.
    ...[...backends].map((backend): [string, string] => ['backend', backend]),
    ['space', `${space.name}, ${formatNumber(BigInt(space.count))} designs`],
    ['overrides', space.set.length === 0 ? 'none' : space.set.join(' ')],
    ...(facts.length === 0 ? [] : [['facts', facts.join('; ')] as [string, string]]),
    // A proof by itself has no parts, and was asked all the same.
    ...namedSettings(parts.length === 0 ? [manifest.settings] : parts.map(({ settings }) => settings)),
  ];
  return html`<dl class="settings">${entries.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function designSections(run: RunResult, charts: readonly Chart[]): Html {
  const best = run.winners[0];
  if (best === undefined) return html``;
  const explanation = explainDesign(run.space, best, run.goal.first, run.baseline);
  return html`<section id="why"><h2>Why the best design is good</h2>
${explanation.sentences.map((sentence) => html`<p>${sentence}</p>`)}</section>
<section id="designs"><h2>The best designs beside the default</h2>${designTable(run)}</section>
${robustSection(run)}
<section id="detail"><h2>The best design in detail</h2>${charts.map(figure)}${changeTable(explanation)}${stepTables(explanation.tables)}</section>`;
}

/** Links to the sections, in their order. */
function contents(run: RunResult, hasOthers: boolean): Html {
  const ofDesign: [string, string][] = [
    ['why', 'Why the best design is good'],
    ['designs', 'The best designs beside the default'],
    ...(run.robust === undefined ? [] : [['robust', ROBUST_TITLE] as [string, string]]),
    ['detail', 'The best design in detail'],
  ];
  const all: [string, string][] = [
    ...(hasOthers ? [['beside', 'Runs side by side'] as [string, string]] : []),
    ...(run.winners.length === 0 ? [] : ofDesign),
    ['search', partsTitle(run)],
    ['asked', 'What was asked for'],
  ];
  return html`<nav aria-label="Contents"><ul>${all.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>`;
}

/** `The search`, or what else the run is. */
function partsTitle({ searches, sweeps, proof }: RunResult): string {
  if (proof !== undefined) return searches.length === 0 ? 'The proof' : 'The search and its proof';
  if (searches.length === 0) return sweeps.length === 1 ? 'The sweep' : 'The sweeps';
  return searches.length === 1 ? 'The search' : 'The searches';
}

/**
 * The report of a run.
 *
 * @param others runs whose best designs stand beside this one's, of whatever spaces and objectives
 * @returns a whole HTML document
 */
export function reportPage(run: RunResult, others: readonly RunResult[] = []): string {
  const { space } = run;
  const { search, design } = reportCharts(run);
  const title = titleOf(space);
  const runs = [run, ...others];
  const beside = others.length === 0 ? [] : besideCharts(runs);
  const charts = [...beside, ...search, ...design];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}: ${space.name}</title>
<link rel="icon" href="data:,">
<style>${new Html(readAsset('host', 'report', 'page', 'style.css'))}</style>
</head>
<body>
<header><p class="kind">${space.name} · ${run.manifest.command} · ${run.manifest.created.slice(0, 10)}</p>
<h1>${title}</h1>${tiles(run)}${contents(run, others.length > 0)}</header>
<main>
<noscript><p>The charts need JavaScript; the tables do not.</p></noscript>
${others.length === 0 ? '' : html`<section id="beside"><h2>Runs side by side</h2>${besideTable(runs)}${beside.map(figure)}</section>`}
${designSections(run, design)}
<section id="search"><h2>${partsTitle(run)}</h2>${partsTable(run)}${search.map(figure)}</section>
<section id="asked"><h2>What was asked for</h2>${settingsList(run)}${geneTable(run)}
<details><summary>The PsA file</summary><pre>${run.manifest.space.sources.psa.text}</pre></details></section>
</main>
<script type="application/json" id="charts">${chartData(charts)}</script>
<script>${scriptText(readAsset('dist', 'host', 'report', 'page', 'echarts.min.js'))}</script>
<script type="module">${scriptText(readAsset('dist', 'host', 'report', 'page', 'page.js'))}</script>
</body>
</html>
`.text;
}
