import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Goal } from '../../kernels/objective/goal.js';
import { parseLimit } from '../../kernels/objective/limits.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { smallSpace } from '../../test/smallSpace.js';
import { joinStates } from './joinSearches.js';
import { Scoreboard } from './scoreboard.js';
import type { SearchState } from './searchState.js';

const TOP = 3;
const GOAL = new Goal(smallSpace(), [parseObjective('time'), parseObjective('cost')], [parseLimit('memory <= 1')]);

interface Design {
  readonly objectives: readonly [number, number];
  readonly feasible: boolean;
}

const design: fc.Arbitrary<Design> = fc.record({
  objectives: fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 })),
  feasible: fc.boolean(),
});

/** A search that evaluated designs in turn, whose ordinals count on from a number. */
function searched(designs: readonly Design[], firstOrdinal: number): SearchState {
  const scoreboard = new Scoreboard(GOAL, TOP);
  scoreboard.add(
    {
      objectives: Float64Array.from(designs.flatMap(({ objectives }) => objectives)),
      status: Uint32Array.from(designs, ({ feasible }) => (feasible ? 0 : 1)),
      broken: Uint32Array.from(designs, ({ feasible }) => (feasible ? 0 : 1)),
      violations: Float64Array.from(designs, ({ feasible }) => (feasible ? 0 : 1)),
    } as Parameters<Scoreboard['add']>[0],
    (row) => String(firstOrdinal + row),
  );
  return { ...scoreboard.snapshot(), agent: null };
}

it('knows of several searches what one search of all their designs knows', () => {
  fc.assert(
    fc.property(fc.array(design, { maxLength: 60 }), fc.array(design, { maxLength: 60 }), (first, second) => {
      const joined = joinStates([searched(first, 0), searched(second, first.length)], TOP);
      const { history: _, agent: __, ...whole } = searched([...first, ...second], 0);
      expect(joined).toEqual(whole);
    }),
  );
});
