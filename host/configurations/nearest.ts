/** Of many neighbours the few that are shown: fewest switches first, each switch worth something. */
import { chanceOfMemory, isLikely } from '../doubt/memoryFit.js';
import { LEAST_GAIN } from '../doubt/sureness.js';
import type { Neighbour } from './neighbours.js';

/** Does one change some of the switches of another, and no others? */
function within(fewer: Neighbour, more: Neighbour): boolean {
  return fewer.switches.length < more.switches.length && fewer.switches.every((name) => more.switches.includes(name));
}

/** Is one with the same switches no slower, and takes hardly more memory? */
function outdoes(one: Neighbour, other: Neighbour): boolean {
  const isSame = one.switches.join() === other.switches.join();
  return isSame && one.timeUs <= other.timeUs && one.memory.usedMB <= other.memory.usedMB * (1 + LEAST_GAIN);
}

/** Of configurations that take the same time with the same switches the first: the others differ in what has no effect. */
function distinct(sorted: readonly Neighbour[]): Neighbour[] {
  return sorted.filter((one, i) => {
    const before = sorted[i - 1];
    return before === undefined || before.timeUs !== one.timeUs || before.switches.join() !== one.switches.join();
  });
}

/** Those that are faster, by their number of switches, the fastest first. */
function fasterByCount(all: readonly Neighbour[], ownUs: number, counts: number): Neighbour[][] {
  const byCount: Neighbour[][] = Array.from({ length: counts }, () => []);
  for (const one of all) if (one.timeUs < ownUs * (1 - LEAST_GAIN)) byCount[one.switches.length - 1]!.push(one);
  return byCount.map((some) => distinct(some.sort((a, b) => a.timeUs - b.timeUs)));
}

/** Of each number of switches those that earn something by a further one. */
function earning(byCount: readonly (readonly Neighbour[])[]): Neighbour[][] {
  return byCount.map((some, i) =>
    some.filter((one) => {
      const fewer = byCount.slice(0, i).flatMap((group) => group.find((other) => within(other, one)) ?? []);
      return fewer.every((other) => one.timeUs < other.timeUs * (1 - LEAST_GAIN));
    }),
  );
}

/** Those that are likely to fit in memory, or where there are none all. */
export function likelyToFit(all: readonly Neighbour[]): readonly Neighbour[] {
  const likely = all.filter(({ memory }) => isLikely(chanceOfMemory(memory)));
  return likely.length > 0 ? likely : all;
}

/** Which neighbours are shown. */
interface Choice<Shown extends Neighbour> {
  /** Only what is faster than this by more than nothing. */
  readonly belowUs: number;
  /** With one, two and three switches so many at first. */
  readonly ofEach: readonly number[];
  /** Candidates that are completed, at most. */
  readonly mostTried: number;
  readonly isExpressible: (one: Neighbour) => boolean;
  /** What is shown of one; undefined where nothing is. */
  readonly complete: (one: Neighbour) => Shown | undefined;
}

/** The nearest of all neighbours, fewest switches first, then the fastest. */
export function nearest<Shown extends Neighbour>(
  all: readonly Neighbour[],
  { belowUs, ofEach, mostTried, isExpressible, complete }: Choice<Shown>,
): Shown[] {
  const byCount = fasterByCount(all, belowUs, ofEach.length);
  const shown: Shown[] = [];
  const tried = new Set<Neighbour>();
  const show = (group: readonly Neighbour[], upTo: number) => {
    for (const one of group) {
      if (shown.length >= upTo || tried.size >= mostTried) return;
      if (tried.has(one) || !isExpressible(one)) continue;
      if (shown.some((other) => within(other, one) && other.timeUs <= one.timeUs)) continue;
      tried.add(one);
      const whole = complete(one);
      if (whole !== undefined && !shown.some((other) => outdoes(other, whole))) shown.push(whole);
    }
  };
  let most = 0;
  for (const [i, group] of earning(byCount).entries()) {
    most += ofEach[i]!;
    show(group, most);
  }
  // What is left goes to the nearest of the others.
  show(byCount.flat(), most);
  return shown.sort((a, b) => a.switches.length - b.switches.length || a.timeUs - b.timeUs);
}
