/** From what some had to what one more will have, such as a publication that nobody has seen: the few that are known do not reach as far. */

/**
 * The chance of one more, where so large a share of n had it: of k (k + 1/2) / (n + 1) (Krichevsky and Trofimov, IEEE Transactions on
 * Information Theory 27(2), 1981).
 *
 * @example
 * chanceOfOneMore(1, 9); // 0.95
 */
export function chanceOfOneMore(share: number, count: number): number {
  return (share * count + 0.5) / (count + 1);
}

/**
 * Of n the share below which one more lies with such a chance: the same, solved for the share; 0 or 1 where n are too few to say.
 *
 * @example
 * shareOfOneMore(0.95, 9); // 1: below the largest of nine
 */
export function shareOfOneMore(chance: number, count: number): number {
  return Math.min(1, Math.max(0, (chance * (count + 1) - 0.5) / count));
}
