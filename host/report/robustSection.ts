/** The best designs under plausible constants, on the page of a run. */
import { displayUnit, formatNumber, formatShare } from '../display/format.js';
import type { RunResult } from '../runs/runResult.js';
import { type Html, html } from './html.js';

export const ROBUST_TITLE = 'Which design stays good';

const SHOWN = 15;

const share = (value: number): string => (Number.isFinite(value) ? formatShare(value) : 'breaks a limit');

/** Empty where it was not asked for. */
export function robustSection({ winners, robust, goal }: RunResult): Html {
  if (robust === undefined) return html``;
  const { sets, designs, choice } = robust;
  const places = [...new Set([choice, ...designs.keys()])].slice(0, SHOWN).sort((a, b) => a - b);
  const { unit, factor } = displayUnit(
    'us',
    places.flatMap((i) => designs[i]!.interval?.highUs ?? []),
  );
  const rows = places.map((i) => {
    const { chance, regretMean, regretMedian, regret90, interval } = designs[i]!;
    const ends = interval === undefined ? [] : [interval.lowUs, interval.highUs];
    return html`<tr><th scope="row">${String(i + 1)}${i === choice ? ' (stays good)' : ''}</th><td>${share(chance)}</td><td>${share(regretMean)}</td><td>${share(regretMedian)}</td><td>${share(regret90)}</td><td>${ends.map((timeUs) => formatNumber(timeUs * factor)).join(' to ')}</td><td>${winners[i]!.ordinal.toString()}</td></tr>`;
  });
  return html`<section id="robust"><h2>${ROBUST_TITLE}</h2>
<p>${formatNumber(designs.length)} designs under ${formatNumber(sets)} plausible sets of constants. Regret: how much larger ${goal.first.label} is than that of the best under the same set.</p>
<table><thead><tr><th scope="col">rank</th><th scope="col">chance to be best</th><th scope="col">mean regret</th><th scope="col">median</th><th scope="col">90 %</th><th scope="col">90 % interval of the time (${unit})</th><th scope="col">design</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}
