/** What a proof came to, for a terminal. */
import { formatNumber, formatShare, plural } from '../display/format.js';
import { excludedDesigns, type ReasonKind } from '../proof/proofState.js';
import { boundOf } from '../proof/prove.js';
import type { RunResult } from '../runs/runResult.js';
import { formatTable, left, right } from './table.js';

const WHY: Readonly<Record<ReasonKind, string>> = {
  bound: 'no better, by the bound of their box',
  infeasible: 'infeasible, all of a box for one reason',
  limits: 'beyond the limits, all of a box',
  evaluated: 'evaluated, no better',
  optimal: 'the best',
};

/** The proof in a sentence; undefined of a run that is none. */
export function proofVerdict({ proof, space, finished, goal }: RunResult): string | undefined {
  if (proof === undefined) return undefined;
  const { state, roots, settings } = proof;
  const designs = formatNumber(space.count);
  const best = state.incumbent?.value;
  if (finished && best === undefined) return `proved: none of ${designs} designs is feasible`;
  if (finished) {
    const than = settings.gap > 0 ? `more than ${formatNumber(settings.gap * 100)} % better` : 'better';
    return `proved: none of ${designs} designs is ${than}`;
  }
  const bound = boundOf(state, roots);
  const gap = best === undefined || bound === 0 ? undefined : 1 - bound / best;
  const open = `${plural(state.open.length + state.tied.length, 'box')} open`;
  const reach =
    gap === undefined
      ? ''
      : `; none is more than ${formatShare(gap)} better than ${formatNumber(best!)} ${goal.first.unit}`;
  return `not proved yet: ${open}${reach}`;
}

/** How the designs of a space were dealt with. */
export function proofLines({ proof, space }: RunResult): string[] {
  if (proof === undefined) return [];
  const { state } = proof;
  const { designs, optimal, atLeast } = {
    designs: state.designs,
    optimal: state.designs.optimal,
    atLeast: state.optimalAtLeast,
  };
  const kinds = (Object.keys(WHY) as ReasonKind[]).filter((kind) => designs[kind] > 0n);
  const rest = space.count - excludedDesigns(state);
  return [
    ...(optimal > 0n
      ? [
          `${atLeast ? 'at least ' : ''}${plural(optimal, 'design')} ${optimal === 1n ? 'has' : 'have'} the best objective`,
        ]
      : []),
    `${formatNumber(state.bounded)} boxes were bounded, ${formatNumber(state.closed)} cover the space; ${plural(state.evaluated, 'design')} evaluated`,
    '',
    formatTable(
      [left('designs that are'), right('designs'), right('share')],
      [
        ...kinds.map((kind) => [
          WHY[kind],
          formatNumber(designs[kind]),
          formatShare(Number(designs[kind]) / Number(space.count)),
        ]),
        ...(rest > 0n ? [['in open boxes', formatNumber(rest), formatShare(Number(rest) / Number(space.count))]] : []),
      ],
    ),
    '',
  ];
}
