/**
 * By how many standard deviations the largest of some normal numbers lies above their mean, as is expected: the quantile that G. Blom
 * (1958) gives for it, by M. Abramowitz and I. A. Stegun, 26.2.23, within 0.0005.
 *
 * @param count of the numbers, 1 or more
 * @example
 * largestOf(1000); // 3.2
 */
export function largestOf(count: number): number {
  const t = Math.sqrt(-2 * Math.log(0.625 / (count + 0.25)));
  const above = 2.515517 + t * (0.802853 + t * 0.010328);
  return Math.max(t - above / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))), 0);
}
