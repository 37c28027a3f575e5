import { factTexts } from '../display/facts.js';
import { formatColumn, formatNumber, formatRatio, plural } from '../display/format.js';
import { memoryUse, TIGHT_NOTE } from '../display/memoryUse.js';
import { titleOf } from '../display/title.js';
import type { RunResult } from '../runs/runResult.js';
import { colors } from './colors.js';
import { comparisonTable } from './comparison.js';
import { overPeakLines } from './overPeak.js';
import { dealtTable, proofCounts, proofVerdict } from './proofText.js';
import { robustLines } from './robustText.js';
import { formatTable, left, right } from './table.js';
import { countsLine, reasonsTable, winnersTable } from './winnersTable.js';

/** Designs of a Pareto front, and best ones, that are printed; the CSV has all. */
const FRONT_SHOWN = 25;
const WINNERS_SHOWN = 25;

/** Designs beside the default in the comparison: as many as fit a terminal. */
const COMPARED = 3;

const SWEEP_TIES = 'ties: designs among the best ones kept that score exactly the same; the first of them is shown.';
const SEARCH_TIES =
  'ties: designs found that score the same to six digits, as far as they are kept; the cheapest network of them is shown.';

/** What a run found, for a terminal. */
export function runLines(result: RunResult): string[] {
  const { space } = result;
  return [
    `${space.name}: ${titleOf(space)}`,
    verdict(result),
    ...factLines(result),
    ...foundLines(result),
    `run written to ${result.path}`,
    ...endLines(result),
  ];
}

/** What money and energy are counted with. */
function factLines({ space, goal }: RunResult): string[] {
  const facts = factTexts(space, goal);
  return facts.length === 0 ? [] : [`with ${facts.join(', ')}`];
}

function foundLines(result: RunResult): string[] {
  const { searches, sweeps, evaluated, feasible } = result;
  if (searches.length === 0 && sweeps.length === 0) return [...proofLines(result), ...provenLines(result)];
  const counts = countsLine(evaluated, feasible);
  return searches.length === 0
    ? [counts, ...sweepLines(result)]
    : [counts, ...proofLines(result), ...searchLines(result)];
}

/** How far a proof is; nothing of a run without one. */
function proofLines(result: RunResult): string[] {
  return result.proof === undefined
    ? []
    : [colors.bold(proofVerdict(result, result.proof)), ...proofCounts(result.proof)];
}

/** How a proof dealt with all designs, and the best beside the default. */
function provenLines({ space, winners, goal, baseline, proof }: RunResult): string[] {
  const dealt = proof === undefined ? [] : [dealtTable(proof, space), ''];
  return winners.length === 0 ? dealt : [...dealt, comparisonTable(space, baseline, winners, goal), ''];
}

/** Designs beyond each limit. */
function limitLines({ goal, byLimit }: RunResult): string[] {
  return goal.limits.map(({ label }, i) => `${plural(byLimit[i]!, 'design')} beyond ${label}`);
}

/** The design that comes nearest where none is feasible, with what it lacks. */
function nearestLines({ space, nearest, baseline, goal }: RunResult): string[] {
  if (nearest === undefined) return [];
  return [
    `Nearest to feasible is design ${nearest.ordinal}:`,
    ...nearest.lacks.map((lack) => `  ${lack}`),
    '',
    comparisonTable(space, baseline, [nearest], goal, ['nearest']),
    '',
  ];
}

/** The answer, in a line. */
function verdict({ winners: [best], goal, baseline }: RunResult): string {
  const { label, unit } = goal.first;
  if (best === undefined) return colors.red('no feasible design');
  const value = best.objectives[0]!;
  const gain =
    baseline?.objectives === undefined ? '' : `, ${formatRatio(value, baseline.objectives[0]!)} the default's`;
  return colors.green(`best ${label}: ${formatNumber(value)} ${unit}${gain}; design ${best.ordinal}`);
}

function sweepLines(result: RunResult): string[] {
  const { evaluated, feasible, manifest } = result;
  const { settings } = manifest;
  return [
    ...limitLines(result),
    '',
    ...(feasible === 0n ? [] : winnerLines(result, SWEEP_TIES)),
    ...(feasible > 0n && settings.kind === 'sweep' && settings.pareto ? frontLines(result) : []),
    ...(feasible === evaluated
      ? []
      : ['Infeasible designs (one may have several reasons):', '', ...reasonLines(result)]),
    ...nearestLines(result),
  ];
}

function searchLines(result: RunResult): string[] {
  const { searches, goal, winners } = result;
  return [
    ...(searches.length > 1 ? ['', searchesTable(result)] : []),
    ...limitLines(result),
    '',
    ...(winners.length === 0
      ? [
          'No feasible design was found. The designs failed for these reasons:',
          '',
          ...reasonLines(result),
          ...nearestLines(result),
        ]
      : winnerLines(result, SEARCH_TIES)),
    ...(goal.objectives.length > 1 ? frontLines(result) : []),
  ];
}

/** How to go on where there is something left to do. */
function endLines({ finished, searches, proof, path }: RunResult): string[] {
  if (finished) return [];
  const command = proof !== undefined ? 'prove' : searches.length === 0 ? 'sweep' : 'search';
  const what = searches.length > 1 ? 'not all of its searches are at their end' : 'it was ended early';
  return [`${what}; to go on: cosmic ${command} --resume ${path}`];
}

/** What each of several searches came to. */
function searchesTable({ searches, goal }: RunResult): string {
  const { label, unit } = goal.first;
  const best = formatColumn(searches.map(({ state }) => state.history.at(-1)?.[1] ?? Number.NaN));
  return formatTable(
    [left('agent'), right('seed'), right('evaluations'), right(`best ${label} (${unit})`, 2), right('found after')],
    searches.map(({ settings, state: { evaluations, history } }, i) => [
      settings.agent,
      String(settings.seed),
      formatNumber(evaluations),
      ...(history.length === 0 ? ['none', ''] : [best[i]!, formatNumber(history.at(-1)![0])]),
    ]),
  );
}

function reasonLines({ byReason, goal }: RunResult): string[] {
  return [reasonsTable(byReason, goal), ''];
}

function winnerLines(result: RunResult, ties: string): string[] {
  const { space, winners, goal, baseline } = result;
  const { label, unit } = goal.first;
  const shown = winners.slice(0, WINNERS_SHOWN);
  return [
    `Best designs by ${label} (${unit}), smaller is better:`,
    '',
    winnersTable(shown, goal.objectives, baseline?.objectives),
    ...(winners.length > shown.length ? [`${formatNumber(winners.length - shown.length)} more in best.csv`] : []),
    '',
    ...(shown.some((winner) => winner.ties > 1) ? [ties, ''] : []),
    ...(shown.some((winner) => memoryUse(winner).tight) ? [TIGHT_NOTE, ''] : []),
    ...overPeakLines(space, shown).flatMap((line) => [line, '']),
    "The best beside the system's own default (* differs from it, × relative to it):",
    '',
    comparisonTable(space, baseline, winners.slice(0, COMPARED), goal),
    '',
    ...robustLines(result),
  ];
}

function frontLines({ pareto, goal, baseline }: RunResult): string[] {
  const shown = evenlySpread(pareto, FRONT_SHOWN);
  const more = shown.length < pareto.length ? `, ${shown.length} of them here, all in pareto.csv` : '';
  return [
    `Pareto front of ${goal.objectives.map(({ label }) => label).join(', ')}: ${plural(pareto.length, 'design')}${more}:`,
    '',
    winnersTable(shown, goal.objectives, baseline?.objectives),
    '',
  ];
}

/** At most `count` items, from the first to the last in equal steps. */
function evenlySpread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]!);
}
