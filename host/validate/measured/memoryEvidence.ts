/** What runs whose memory was printed, that ran, or that ran out of memory say of others: how far peaks lie from what is predicted. */
import type { MemoryEvidence } from '../../doubt/memoryFit.js';
import { partsOf } from '../groups.js';
import type { MemoryCase } from './memoryCases.js';

/** A peak over what is predicted of it, and how likely it is. */
interface Peak {
  readonly ratio: number;
  readonly weight: number;
}

/** Of a run that prints nothing: whether its ratio is at most so much, or above. */
interface Limited extends Peak {
  readonly ran: boolean;
}

/** Printed over predicted with what stays in reserve, of what was seen from outside; else of what was allocated. */
function printedRatio({ allocated, reserved, predicted, room }: MemoryCase): number | undefined {
  if (reserved !== undefined) return reserved / (predicted.reserved + (room?.reserve ?? 0));
  return allocated === undefined ? undefined : allocated / predicted.allocated;
}

/** What fills the memory, over what is predicted. */
const limitOf = ({ predicted, room }: MemoryCase): number => room!.capacity / (predicted.reserved + room!.reserve);

const agrees = ({ ratio, ran }: Limited, other: number): boolean => (ran ? other <= ratio : other > ratio);

/** No weight changes by more than a thousandth of all after some dozens. */
const ROUNDS = 200;

/**
 * How likely ratios are, of which some are known and others limited to one side: each limited one is as likely to be any of those that
 * agree with its limit as these are, over and over (Turnbull, Journal of the Royal Statistical Society B 38(3), 1976). Where none
 * agrees, it is its limit.
 */
function likelihoods(printed: readonly Peak[], limited: readonly Limited[]): Peak[] {
  const hasAny = (one: Limited) => printed.some(({ ratio }) => agrees(one, ratio));
  const known = [...printed, ...limited.filter((one) => !hasAny(one))];
  const ratios = [...new Set(known.map(({ ratio }) => ratio))].sort((a, b) => a - b);
  const place = new Map(ratios.map((ratio, i) => [ratio, i]));
  const own = ratios.map(() => 0);
  for (const { ratio, weight } of known) own[place.get(ratio)!]! += weight;
  const open = limited.filter(hasAny).map((one) => ({
    ...one,
    places: ratios.flatMap((ratio, i) => (agrees(one, ratio) ? [i] : [])),
  }));
  let weights = own;
  for (let round = 0; round < ROUNDS; round++) {
    const next = [...own];
    for (const { weight, places } of open) {
      const all = places.reduce((sum, i) => sum + weights[i]!, 0);
      for (const i of places) next[i]! += (weight * weights[i]!) / all;
    }
    weights = next;
  }
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return ratios.map((ratio, i) => ({ ratio, weight: weights[i]! / sum }));
}

/**
 * A publication counts as the root of its runs, which are alike and yet not the same. Counted alike, those of a single run, which print what
 * ran, would say more than those that tell what failed.
 *
 * @param cases steps that ran or ran out of memory, with the room that they had
 */
export function memoryEvidence(cases: readonly MemoryCase[], command: string): MemoryEvidence {
  const sources = partsOf(cases, ({ source }) => source);
  const printed: Peak[] = [];
  const limited: Limited[] = [];
  for (const one of cases) {
    const weight = sources.get(one.source)!.length ** -0.5;
    const ratio = printedRatio(one);
    if (ratio !== undefined) printed.push({ ratio: Number(ratio.toFixed(3)), weight });
    else limited.push({ ratio: Number(limitOf(one).toFixed(3)), weight, ran: one.fits === true });
  }
  const peaks = likelihoods(printed, limited);
  return {
    command,
    publications: [...sources.keys()].sort().map((source) => {
      const own = sources.get(source)!;
      const silent = own.filter((one) => printedRatio(one) === undefined);
      const ran = silent.filter(({ fits }) => fits).length;
      return { source, printed: own.length - silent.length, ran, failed: silent.length - ran };
    }),
    ratios: peaks.map(({ ratio }) => ratio),
    weights: peaks.map(({ weight }) => Number(weight.toPrecision(3))),
  };
}
