/** Checks a certificate: its cover, every bound in f64, and random designs of its boxes. Knows nothing of how boxes were found. */
import { boxCount, isSingle, wholeBox } from '../../kernels/bound/box.js';
import { createBoxValuer } from '../../kernels/bound/goalBound.js';
import type { Goal } from '../../kernels/objective/goal.js';
import { OUTPUT_COUNT, STATUS } from '../../kernels/outputs.js';
import { threefry2x32 } from '../../kernels/random/threefry.js';
import { designOf, digitsToDesign } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import { createSimulator, rulesOf } from '../profiles/profiles.js';
import { boxText, type Claim } from './certificate.js';
import { coverFault } from './cover.js';
import { type ClosedBox, SAME } from './proofState.js';

/** What a check found. */
export interface Check {
  readonly boxes: number;
  readonly designs: bigint;
  /** Random designs that were held against the reason of their box. */
  readonly members: number;
  /** What is wrong, in words; none: the claim is proved. */
  readonly faults: readonly string[];
}

/** Faults are listed up to so many. */
const MOST_FAULTS = 10;

/** What is checked. */
export interface Certificate {
  readonly space: CompiledSpace;
  readonly goal: Goal;
  readonly gap: number;
  readonly boxes: readonly ClosedBox[];
  readonly claim: Claim;
}

/** Values of single designs. */
function createValuer(space: CompiledSpace, goal: Goal): (design: Float64Array) => number {
  const simulate = createSimulator(space);
  const outputs = new Float64Array(OUTPUT_COUNT);
  return (design) => {
    const status = simulate(design, outputs, 0);
    return goal.isFeasible(status, outputs) ? goal.valueOf(outputs) : Number.POSITIVE_INFINITY;
  };
}

/** Is b what a is, to what rounding leaves? */
const same = (a: number, b: number): boolean => a === b || Math.abs(a - b) <= SAME * Math.abs(b);

function coverFaults({ space, boxes, claim }: Certificate): string[] {
  const count = boxes.reduce((sum, box) => sum + boxCount(box), 0n);
  const fault = coverFault(wholeBox(space), boxes);
  return [
    ...(count === space.count ? [] : [`the boxes hold ${count} designs, the space ${space.count}`]),
    ...(claim.designs === String(space.count)
      ? []
      : [`the claim is about ${claim.designs} designs, the space has ${space.count}`]),
    ...(fault === undefined ? [] : [`the boxes do not cover ${boxText(space, fault.region)} exactly once`]),
  ];
}

/** What is wrong with the reason of a box, by its own bound; undefined: nothing. */
function createReasonCheck({ space, goal, gap, claim }: Certificate): (box: ClosedBox) => string | undefined {
  const rules = rulesOf(space.workload);
  const single = rules.singleGenes(space);
  const bound = rules.createBoxBounder(space, (goal.mask & STATUS.PRICE) !== 0);
  const valueBox = createBoxValuer(space, goal);
  const valueDesign = createValuer(space, goal);
  const best = claim.best?.value ?? Number.POSITIVE_INFINITY;
  const least = best * (1 - Math.max(gap, SAME));
  return (box) => {
    const { reason } = box;
    if (single.some((g) => box.first[g] !== box.last[g])) return 'has several values of a gene that must have one';
    if (reason.kind === 'evaluated' && !isSingle(box)) return 'is not one design';
    if (isSingle(box) && (reason.kind === 'evaluated' || reason.kind === 'optimal')) {
      const value = valueDesign(digitsToDesign(space, box.first));
      if (!same(value, reason.value)) return `has the objective ${value}, not ${reason.value}`;
      if (value < least) return 'is better than the claim';
      return reason.kind === 'evaluated' || value <= best * (1 + SAME) ? undefined : 'is not the best';
    }
    const value = valueBox(box, bound(box, true));
    if (reason.kind === 'infeasible')
      return (reason.status & ~value.status) === 0 ? undefined : 'may hold feasible designs';
    if (reason.kind === 'limits')
      return (reason.broken & ~value.broken) === 0 ? undefined : 'may hold designs within the limits';
    if (reason.value > value.best * (1 + SAME)) return `has the bound ${value.best}, not ${reason.value}`;
    if (reason.kind === 'bound') return reason.value >= least ? undefined : 'may hold a better design';
    if (reason.value < least) return 'may hold a better design';
    return value.worst <= best * (1 + SAME) ? undefined : 'may hold designs that are not the best';
  };
}

/** Whether a design of a box may have a value, by the reason of the box. */
function admits({ reason }: ClosedBox, value: number, best: number): boolean {
  if (reason.kind === 'infeasible' || reason.kind === 'limits') return value === Number.POSITIVE_INFINITY;
  if (reason.kind === 'bound') return value >= reason.value * (1 - SAME);
  return same(value, reason.kind === 'optimal' ? best : reason.value);
}

/** Holds random designs of random boxes against the reasons of these. */
function* memberFaults({ space, goal, boxes, claim }: Certificate, members: number, seed: number): Generator<string> {
  const valueDesign = createValuer(space, goal);
  const best = claim.best?.value ?? Number.POSITIVE_INFINITY;
  const digits = new Uint32Array(space.genes.length);
  const words = new Uint32Array(2);
  for (let i = 0; i < members && boxes.length > 0; i++) {
    threefry2x32(seed, 0, i, 0, words);
    const box = boxes[words[0]! % boxes.length]!;
    for (let g = 0; g < digits.length; g++) {
      threefry2x32(seed, g + 1, i, 0, words);
      digits[g] = box.first[g]! + (words[0]! % (box.last[g]! - box.first[g]! + 1));
    }
    const value = valueDesign(digitsToDesign(space, digits));
    if (!admits(box, value, best))
      yield `${digits.join(' ')} has the objective ${value}, against its box ${boxText(space, box)}`;
  }
}

function claimFaults({ space, goal, boxes, claim }: Certificate): string[] {
  const optimal = boxes.reduce((sum, box) => (box.reason.kind === 'optimal' ? sum + boxCount(box) : sum), 0n);
  const faults: string[] = [];
  if (claim.boxes !== boxes.length) faults.push(`the claim is about ${claim.boxes} boxes, there are ${boxes.length}`);
  if (String(optimal) !== claim.optimal)
    faults.push(`${optimal} designs are marked as the best, the claim says ${claim.optimal}`);
  if (claim.best === null) return faults;
  if (BigInt(claim.best.ordinal) >= space.count)
    return [...faults, `ordinal ${claim.best.ordinal} is not in the space`];
  const value = createValuer(space, goal)(designOf(space, BigInt(claim.best.ordinal)));
  if (!same(value, claim.best.value))
    faults.push(`the best design has the objective ${value}, not ${claim.best.value}`);
  return faults;
}

/**
 * Checks that no design of the space is better than the claim says.
 *
 * @param members random designs to evaluate
 * @example
 * checkCertificate(readCertificate('runs/mine/certificate.jsonl'), 10_000, 0).faults; // []
 */
export function checkCertificate(certificate: Certificate, members: number, seed: number): Check {
  const { space, boxes } = certificate;
  const faults = [...claimFaults(certificate), ...coverFaults(certificate)];
  const faultOf = createReasonCheck(certificate);
  for (const box of boxes) {
    if (faults.length >= MOST_FAULTS) break;
    const fault = faultOf(box);
    if (fault !== undefined) faults.push(`box ${boxText(space, box)} ${fault}`);
  }
  for (const fault of memberFaults(certificate, members, seed)) {
    if (faults.length >= MOST_FAULTS) break;
    faults.push(fault);
  }
  return { boxes: boxes.length, designs: space.count, members, faults };
}
