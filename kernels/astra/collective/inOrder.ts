/**
 * Chunks that none overtakes: each passes through every dimension once, and a queue serves one at a time, first come first
 * served. All come at the beginning, in their order, and leave a dimension in the order in which they came, so a chunk begins
 * a phase when it has ended the one before and the chunk before it has ended this one. What a phase waits for is then known
 * beforehand, and every time is a sum or the later of two: no event is queued. All sums are of whole nanoseconds.
 */
import { checkShop, type FlowShop, followersOf, isTree, type Phase } from './flowShop.js';
import { symmetricPhaseNs } from './phase.js';
import { TreePass } from './treePass.js';

/** Does a chunk pass through each dimension once? */
export function passesOnce({ phases }: FlowShop): boolean {
  return new Set(phases.map(({ station }) => station)).size === phases.length;
}

/** Do chunks keep their order? */
export function keepsOrder(shop: FlowShop): boolean {
  const { phases, servers } = shop;
  const [{ queues }] = phases as [Phase];
  const alike = phases.every((phase) => phase.queues.first === queues.first && phase.queues.count === queues.count);
  return servers === 1 && passesOnce(shop) && alike;
}

/** One phase of a chunk at all followers. */
interface Pass {
  /** Sets the times at which they end the phase, of those at which they begin it. */
  readonly run: (timesNs: Float64Array, chunk: number) => void;
}

function symmetricPass({ lane, kind, algorithm, bytes }: Phase): Pass {
  const durationNs = symmetricPhaseNs(lane, kind, algorithm, bytes);
  return {
    run: (timesNs) => {
      for (let follower = 0; follower < timesNs.length; follower++) timesNs[follower]! += durationNs;
    },
  };
}

/** The followers that differ in a tree's dimension alone are its nodes. */
function treesPass(phase: Phase, radix: number): Pass {
  const tree = new TreePass(phase, radix);
  const block = radix * phase.lane.npus;
  return {
    run: (timesNs, chunk) => {
      for (let first = 0; first < timesNs.length; first += block) {
        for (let other = 0; other < radix; other++) tree.run(timesNs, chunk, first + other);
      }
    },
  };
}

/** Time of a collective's chunks that keep their order, all there at time 0, ns. */
export function inOrderNs(shop: FlowShop): number {
  const { phases, chunks } = shop;
  const { radix, followers } = followersOf(shop);
  checkShop(shop, followers);
  const passes = phases.map((phase, i) => (isTree(phase) ? treesPass(phase, radix[i]!) : symmetricPass(phase)));
  const lines = phases[0]!.queues.count;
  // When each queue's last chunk ended each phase, at each follower.
  const endsNs = Array.from({ length: lines * phases.length }, () => new Float64Array(followers));
  const timesNs = new Float64Array(followers);
  let lastNs = 0;
  for (let chunk = 0; chunk < chunks; chunk++) {
    timesNs.fill(0);
    for (let phase = 0; phase < phases.length; phase++) {
      const endNs = endsNs[(chunk % lines) * phases.length + phase]!;
      for (let i = 0; i < followers; i++) if (endNs[i]! > timesNs[i]!) timesNs[i] = endNs[i]!;
      passes[phase]!.run(timesNs, chunk);
      endNs.set(timesNs);
    }
    for (let i = 0; i < followers; i++) if (timesNs[i]! > lastNs) lastNs = timesNs[i]!;
  }
  return lastNs;
}
