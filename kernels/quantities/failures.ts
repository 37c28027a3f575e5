/**
 * What failures cost a job that writes checkpoints. J. T. Daly, A higher order estimate of the optimum checkpoint interval for
 * restart dumps, Future Generation Computer Systems 22 (2006), of failures that come at random; the first term of its interval is
 * J. W. Young, A first order approximation to the optimum checkpoint interval, CACM 17 (1974).
 */

/** A job that gets ahead for e⁻²⁰ of the time does not end: smaller shares, which f32 may not hold, are that. */
export const MOST_EXPONENT = 20;

/**
 * Time between the end of one checkpoint and the begin of the next that loses least, s: equation 37.
 *
 * @param writeS to write a checkpoint, while the job waits
 * @param mtbfS mean time between failures, above 0
 * @example
 * dalyInterval(60, 86400) / Math.sqrt(2 * 60 * 86400); // 0.987: Young's interval is a little longer
 */
export function dalyInterval(writeS: number, mtbfS: number): number {
  const share = writeS / (2 * mtbfS);
  if (share >= 1) return mtbfS;
  const root = Math.sqrt(share);
  return 2 * mtbfS * root * (1 + root / 3 + share / 9 - root);
}

/**
 * Share of the time in which steps are made that count: equation 20 at that interval, the job's own time over all of it.
 *
 * @param restartS from a failure to the first step after it
 */
export function dalyGoodput(writeS: number, restartS: number, mtbfS: number): number {
  const lost = Math.exp(-Math.min(restartS / mtbfS, MOST_EXPONENT));
  const period = dalyInterval(writeS, mtbfS) / mtbfS;
  // Without checkpoints to write they are as dense as one likes, and no step is made twice.
  if (period <= 0) return lost;
  return (lost * period) / Math.expm1(Math.min(period + writeS / mtbfS, MOST_EXPONENT));
}

/** Exponent of a factor that f32 holds. */
export const PIECE = 16;

/** e to the minus of it: a driver's exp is off by some units for each of its exponent, and the pieces are many. */
export const LEFT_BY_PIECE = Math.exp(-PIECE);

/**
 * So many nodes away, and 2 more for each spare, leave a chance below e⁻²⁰ (Chernoff's bound of a Poisson distribution: with s spares
 * e to the s − a + s·ln(a/s)), while f32 holds all that is summed.
 */
export const HOPELESSLY_AWAY = 100;

/**
 * Chance that no more nodes are under repair than there are spares: of a Poisson distribution, as failures come at random.
 *
 * @param spares nodes
 * @param awayInAll nodes under repair in the mean: time to repair over the time between failures
 */
export function available(spares: number, awayInAll: number): number {
  const away = Math.min(awayInAll, HOPELESSLY_AWAY + 2 * spares);
  let rest = Math.max(away - PIECE, 0);
  let term = Math.exp(-Math.min(away, PIECE));
  let sum = term;
  for (let nodes = 1; nodes <= spares; nodes++) {
    term *= away / nodes;
    sum += term;
    if (sum > 1 && rest > 0) {
      const piece = Math.min(rest, PIECE);
      const factor = piece === PIECE ? LEFT_BY_PIECE : Math.exp(-piece);
      term *= factor;
      sum *= factor;
      rest -= piece;
    }
  }
  return Math.min(Math.max(sum * Math.exp(-rest), Math.exp(-MOST_EXPONENT)), 1);
}
