/** Times of the rows of ASTRA-sim's op graphs for property tests. */
import fc from 'fast-check';
import type { Pieces } from '../kernels/astra/graph/pieces.js';
import { GATHERS } from '../kernels/astra/graph/rows.js';

/** Of rows: short ones end together often, and of some nothing is left. Communication is longer or shorter on the whole. */
export const randomTimes = fc.record({
  rows: fc.array(fc.oneof(fc.nat(4), fc.nat(60)), { minLength: 90, maxLength: 90 }),
  communication: fc.constantFrom(0, 1, 5, 40),
  // What distinguishes the sends of stages, and the stages at all.
  sends: fc.array(fc.nat(2), { minLength: 8, maxLength: 8 }),
  agree: fc.boolean(),
});

type Times = typeof randomTimes extends fc.Arbitrary<infer T> ? T : never;

/** Of each row on each stage. */
export function durationsOf(
  pieces: Pieces,
  stages: number,
  { rows, communication, sends, agree }: Times,
): Float64Array[] {
  return Array.from({ length: stages }, (_, stage) =>
    Float64Array.from(pieces.rows, ({ collective, group, name }, row) => {
      const place = (GATHERS as readonly string[]).includes(name) ? 0 : row;
      const other = agree ? 0 : stage % 3;
      if (group === 'pp') return rows[place]! + 30 * sends[stage]!;
      return collective === undefined ? rows[place]! + other : rows[place]! * communication + other;
    }),
  );
}
