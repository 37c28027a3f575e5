import { z } from 'zod';
import type { PlainData } from '../../agents/agent.js';
import { STATUSES } from '../../kernels/outputs.js';
import { HISTOGRAM_BINS } from '../../kernels/reduce/layout.js';
import { keptTop, type SweepPart } from '../../kernels/reduce/reduce.js';
import { readPlain } from '../../psa/plainData.js';
import type { SweepRequest } from '../backends/evaluator.js';
import { unreadable } from './unreadable.js';
import { wholeBelow } from './wholeText.js';

/** What a part of a sweep is like, over a space of so many designs. */
function partSchema({ start, count, objectives, limits = [], top, pareto }: SweepRequest, designs: bigint) {
  // JSON has no big integers: they travel as strings.
  const upTo = (most: bigint) => wholeBelow(most + 1n).transform(BigInt);
  const evaluated = upTo(count);
  const candidate = z.strictObject({
    position: upTo(start + count - 1n),
    ordinal: wholeBelow(designs).transform(BigInt),
    objectives: z.array(z.number()).length(objectives.length),
  });
  return z
    .strictObject({
      start: wholeBelow(start + count + 1n).transform(BigInt),
      evaluated,
      feasible: evaluated,
      byReason: z.array(evaluated).length(STATUSES.length),
      byLimit: z.array(evaluated).length(limits.length),
      histogram: z.array(evaluated).length(HISTOGRAM_BINS),
      top: z.array(candidate).max(keptTop(top)),
      pareto: z.array(candidate).max(pareto ? Number.MAX_SAFE_INTEGER : 0),
    })
    .refine(isConsistent, 'more designs are counted than were evaluated');
}

function isConsistent({ start, evaluated, feasible, byReason, byLimit, histogram, top, pareto }: SweepPart): boolean {
  const isWithin = ({ position }: SweepPart['top'][number]) => position >= start && position < start + evaluated;
  return (
    [feasible, ...byReason, ...byLimit].every((count) => count <= evaluated) &&
    histogram.reduce((sum, count) => sum + count, 0n) === feasible &&
    [...top, ...pareto].every(isWithin)
  );
}

/** A part of a sweep as plain data. */
export function partToPlain(finished: SweepPart): PlainData {
  const text = JSON.stringify(finished, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
  return JSON.parse(text) as PlainData;
}

/** Where a part of a sweep begins, and how many designs it is to have at most. */
type PartRange = Pick<SweepRequest, 'start' | 'count'>;

/**
 * Reads parts of a sweep, many of them fast.
 *
 * @param designs of the space
 * @returns throws CosmicError FILE_UNREADABLE where a part is not of the sweep, or not of the range
 */
export function partReader(
  request: SweepRequest,
  designs: bigint,
  file: string,
): (plain: PlainData | undefined, range: PartRange) => SweepPart {
  const schema = partSchema(request, designs);
  const refused = (why: string) => unreadable('sweep', why, file);
  return (plain, { start, count }) => {
    const part = readPlain(schema, plain, refused);
    if (part.start !== start) throw refused(`start: it is not ${start}`);
    if (part.evaluated > count) throw refused(`evaluated: more than ${count}`);
    return part;
  };
}

/** One part of a sweep, as {@link partReader} reads it. */
export function partFromPlain(plain: PlainData, request: SweepRequest, designs: bigint, file: string): SweepPart {
  return partReader(request, designs, file)(plain, request);
}
