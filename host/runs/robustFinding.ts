import type { Goal } from '../../kernels/objective/goal.js';
import type { CompiledSpace } from '../../psa/space.js';
import { type Robustness, robustness } from '../doubt/robust.js';
import type { Winner } from '../search/winners.js';

/** The part of findings that is there where it was asked for, and where there are designs to rank. */
export function robustFinding(
  space: CompiledSpace,
  goal: Goal,
  winners: readonly Winner[],
  { robust }: { readonly robust?: number | undefined },
): { readonly robust?: Robustness } {
  if (robust === undefined || winners.length === 0) return {};
  return { robust: robustness(space, goal, winners, robust) };
}
