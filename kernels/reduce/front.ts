/** Is `a` at least as good as `b` in all objectives? */
export function covers(a: readonly number[], b: readonly number[]): boolean {
  for (let k = 0; k < a.length; k++) if (a[k]! > b[k]!) return false;
  return true;
}

/**
 * Inserts into a Pareto front whose members all come earlier: an equal candidate stays out, members that the new one
 * dominates go. The front stays in the order of insertion.
 *
 * @returns whether the candidate is now a member
 */
export function insertIntoFront<T extends { readonly objectives: readonly number[] }>(
  front: T[],
  candidate: T,
): boolean {
  let kept = 0;
  for (let i = 0; i < front.length; i++) {
    const member = front[i]!;
    // A member that covers the candidate is itself covered by none, so nothing has been removed yet.
    if (covers(member.objectives, candidate.objectives)) return false;
    if (!covers(candidate.objectives, member.objectives)) front[kept++] = member;
  }
  front.length = kept;
  front.push(candidate);
  return true;
}
