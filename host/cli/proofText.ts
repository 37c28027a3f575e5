/** What a proof came to, for a terminal. */
import type { CompiledSpace } from '../../psa/space.js';
import { formatNumber, formatShare, plural } from '../display/format.js';
import { excludedDesigns, REASON_KINDS, type ReasonKind } from '../proof/proofState.js';
import { boundOf, openBoxes } from '../proof/prove.js';
import type { RunProof } from '../runs/findings.js';
import type { RunResult } from '../runs/runResult.js';
import { formatTable, left, right } from './table.js';

const WHY: Readonly<Record<ReasonKind, string>> = {
  bound: 'no better, by the bound of their box',
  infeasible: 'infeasible, all of a box for one reason',
  limits: 'beyond the limits, all of a box',
  evaluated: 'evaluated, no better',
  optimal: 'the best',
};

/** A proof in a sentence. */
export function proofVerdict({ space, finished, goal }: RunResult, proof: RunProof): string {
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
  const open = `${plural(openBoxes(state, roots), 'box')} open`;
  const reach =
    gap === undefined
      ? ''
      : `; none is more than ${formatShare(gap)} better than ${formatNumber(best!)} ${goal.first.unit}`;
  return `not proved yet: ${open}${reach}`;
}

/** How many designs attain the optimum, and how many boxes it took. */
export function proofCounts({ state }: RunProof): string[] {
  const { designs, optimalAtLeast, bounded, closed, evaluated } = state;
  const { optimal } = designs;
  const attained = `${optimalAtLeast ? 'at least ' : ''}${plural(optimal, 'design')} ${optimal === 1n ? 'has' : 'have'} the best objective`;
  return [
    ...(optimal > 0n ? [attained] : []),
    `${formatNumber(bounded)} boxes were bounded, ${formatNumber(closed)} cover the space; ${plural(evaluated, 'design')} evaluated`,
  ];
}

/** How the designs of a space were dealt with. */
export function dealtTable({ state }: RunProof, { count }: CompiledSpace): string {
  const rest = count - excludedDesigns(state);
  const row = (what: string, designs: bigint) => [
    what,
    formatNumber(designs),
    formatShare(Number(designs) / Number(count)),
  ];
  return formatTable(
    [left('designs that are'), right('designs'), right('share')],
    [
      ...REASON_KINDS.filter((kind) => state.designs[kind] > 0n).map((kind) => row(WHY[kind], state.designs[kind])),
      ...(rest > 0n ? [row('in open boxes', rest)] : []),
    ],
  );
}
