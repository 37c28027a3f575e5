import type { Goal } from '../../kernels/objective/goal.js';
import { factsOf } from '../../kernels/quantities/facts.js';
import { type FactStack, findParameter, slotOf } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import { formatNumber } from './format.js';

/** What the facts of a goal are, and where they are from: `prices.npuHourUsd 5.41 $/h (an offer, 2026-11)`. */
export function factTexts(space: CompiledSpace, goal: Goal): string[] {
  return factsOf(space, goal).map((name) => {
    const { stack, unit } = findParameter(name)!;
    const source = space.factSources?.[stack as FactStack];
    const value = [name, formatNumber(space.fixed[slotOf(name)]!), unit].filter((text) => text !== '').join(' ');
    return source === undefined ? value : `${value} (${source})`;
  });
}
