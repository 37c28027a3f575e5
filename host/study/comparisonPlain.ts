/** Comparisons as plain data: designs as their ordinals, which are evaluated again where they are read. */
import { z } from 'zod';
import { Goal } from '../../kernels/objective/goal.js';
import { CosmicError } from '../../psa/errors.js';
import type { CompiledSpace } from '../../psa/space.js';
import { type Winner, winnerEvaluator } from '../search/winners.js';
import { type CompareRequest, type Comparison, comparedSpaces, comparisonsOf, type StackOptimum } from './compare.js';

const whole = z
  .string()
  .regex(/^\d{1,40}$/)
  .transform(BigInt);

const optimumSchema = z.strictObject({
  method: z.enum(['proof', 'sweep', 'search']),
  designs: whole,
  feasible: whole.nullable(),
  evaluated: whole,
  boxes: z.int().min(0).optional(),
  seconds: z.number().min(0),
  best: z.strictObject({ ordinal: whole, ties: z.number().min(0) }).nullable(),
});

type PlainOptimum = z.input<typeof optimumSchema>;

/** Per objective, of each stack. */
const comparisonsSchema = z.array(z.array(optimumSchema));

function optimumToPlain({ method, designs, feasible, evaluated, boxes, seconds, best }: StackOptimum): PlainOptimum {
  return {
    method,
    designs: designs.toString(),
    feasible: feasible?.toString() ?? null,
    evaluated: evaluated.toString(),
    ...(boxes === undefined ? {} : { boxes }),
    seconds,
    best: best === undefined ? null : { ordinal: best.ordinal.toString(), ties: best.ties },
  };
}

export function comparisonsToPlain(comparisons: readonly Comparison[]): PlainOptimum[][] {
  return comparisons.map(({ optima }) => optima.map(optimumToPlain));
}

function unreadable(why: string): CosmicError {
  return new CosmicError('FILE_UNREADABLE', why, { remedy: 'have it done again' });
}

function winnerFrom(space: CompiledSpace, goal: Goal, { ordinal, ties }: { ordinal: bigint; ties: number }): Winner {
  const winner = ordinal < space.count ? winnerEvaluator(space, goal)(ordinal, ties) : undefined;
  if (winner !== undefined) return winner;
  throw unreadable(`design ${ordinal} of ${space.name} is said to be the best and is not feasible`);
}

/**
 * Reads comparisons.
 *
 * @param plain what {@link comparisonsToPlain} wrote of the same request
 * @throws CosmicError FILE_UNREADABLE where it is not of the request
 */
export function comparisonsFromPlain(request: CompareRequest, plain: unknown): Comparison[] {
  const compared = comparedSpaces(request);
  const parsed = comparisonsSchema
    .length(request.objectives.length)
    .refine((rows) => rows.every(({ length }) => length === compared.spaces.length))
    .safeParse(plain);
  if (!parsed.success) throw unreadable('the comparison is not of this request');
  const stacks = compared.spaces.map(({ stack, space }, i) =>
    parsed.data.map((optima, k): StackOptimum => {
      const { best, feasible, boxes, ...counts } = optima[i]!;
      const goal = new Goal(space, [request.objectives[k]!]);
      return {
        stack,
        space,
        ...counts,
        ...(boxes === undefined ? {} : { boxes }),
        feasible: feasible ?? undefined,
        best: best === null ? undefined : winnerFrom(space, goal, best),
      };
    }),
  );
  return comparisonsOf(request, compared, stacks);
}
