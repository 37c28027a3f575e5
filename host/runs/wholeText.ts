import { z } from 'zod';

/** Whole numbers below another one, such as ordinals of a space, as JSON holds them: in decimal digits. */
export function wholeBelow(bound: bigint) {
  const { length } = bound.toString();
  // Digits are counted first: to read millions of them takes long.
  const isBelow = (text: string) => /^\d+$/.test(text) && text.length <= length && BigInt(text) < bound;
  return z.string().refine(isBelow, { error: `this is no whole number below ${bound}`, abort: true });
}
