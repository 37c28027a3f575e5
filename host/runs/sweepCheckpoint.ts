import { z } from 'zod';
import type { PlainData } from '../../agents/agent.js';
import { STATUSES } from '../../kernels/outputs.js';
import { HISTOGRAM_BINS } from '../../kernels/reduce/layout.js';
import { keptTop, type SweepPart } from '../../kernels/reduce/reduce.js';
import { CosmicError } from '../../psa/errors.js';
import type { SweepRequest } from '../backends/evaluator.js';
import { wholeBelow } from './wholeText.js';

/** What a part of a sweep is like that is asked for so, over a space of so many designs. */
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
      start: z.literal(start.toString()).transform(BigInt),
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

/**
 * A part of a sweep.
 *
 * @param designs of the space
 * @throws CosmicError FILE_UNREADABLE where it is not of a sweep that is asked for so
 */
export function partFromPlain(plain: PlainData, request: SweepRequest, designs: bigint, file: string): SweepPart {
  const parsed = partSchema(request, designs).safeParse(plain);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new CosmicError('FILE_UNREADABLE', `the checkpoint is not of this sweep: ${[...path, message].join(': ')}`, {
    file,
    remedy: 'start a new run',
  });
}
