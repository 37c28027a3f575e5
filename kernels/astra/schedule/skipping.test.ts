import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { compilePsa } from '../../../psa/compile.js';
import { loadPsa } from '../../../psa/load.js';
import { designOf } from '../../../psa/ordinals.js';
import { randomShapes } from '../../../test/randomShapes.js';
import { readNetwork } from '../../network/network.js';
import { createState } from '../../state.js';
import { readGraph } from '../../workload/graph.js';
import { isKnown, SystemReader, stgWorkload } from '../design.js';
import { opGraph } from '../graph/opGraph.js';
import { Pieces } from '../graph/pieces.js';
import { GATHERS } from '../graph/rows.js';
import { Execution } from './readyList.js';
import { RowTimes } from './rowTimes.js';
import { executionOf } from './runStep.js';
import { Stage } from './stage.js';

const shapes = randomShapes({
  layers: fc.integer({ min: 1, max: 40 }),
  stages: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 8 })),
  microBatches: fc.constant(1),
});

/** Of rows: short ones end together often, and of some nothing is left. Communication is longer or shorter on the whole. */
const times = fc.record({
  rows: fc.array(fc.oneof(fc.nat(4), fc.nat(60)), { minLength: 90, maxLength: 90 }),
  communication: fc.constantFrom(0, 1, 5, 40),
  // What distinguishes the sends of stages, and the stages at all.
  sends: fc.array(fc.nat(2), { minLength: 8, maxLength: 8 }),
  agree: fc.boolean(),
});

test('a step whose repetitions are skipped is, to the nanosecond, the step of which each node runs', () => {
  const end = vi.spyOn(Stage.prototype, 'end');
  let skipped = 0;
  let wholly = 0;
  fc.assert(
    fc.property(shapes, times, (shape, { rows, communication, sends, agree }) => {
      const pieces = new Pieces(shape.flags);
      const graph = opGraph(shape, pieces);
      const durations = Array.from({ length: shape.stages }, (_, stage) =>
        Float64Array.from(graph.rows, ({ collective, group, name }, row) => {
          const place = (GATHERS as readonly string[]).includes(name) ? 0 : row;
          const other = agree ? 0 : stage % 3;
          if (group === 'pp') return rows[place]! + 30 * sends[stage]!;
          return collective === undefined ? rows[place]! + other : rows[place]! * communication + other;
        }),
      );
      const execution = new Execution(graph);
      end.mockClear();
      const fast = execution.run(durations, { stagesAgree: agree });
      skipped += end.mock.calls.length;
      end.mockClear();
      expect(fast).toEqual(execution.run(durations, { whole: true }));
      wholly += end.mock.calls.length;
      // Nothing of a run is left for the next one.
      expect(execution.run(durations, { stagesAgree: agree })).toEqual(fast);
    }),
    { numRuns: 400, seed: 1 },
  );
  vi.restoreAllMocks();
  expect(skipped).toBeLessThan(0.7 * wholly);
});

/** Spaces and models with and without a pipeline, sharded weights, groups that are not powers of two. */
const SPACES = [
  { name: 'cosmic-full', model: 'gpt3-175b', set: [], most: 0.15 },
  { name: 'cosmic-full', model: 'vit-large', set: ['workload.sequenceParallel=all'], most: 0.5 },
  { name: 'cosmic-network', model: 'gpt3-13b', set: [], most: 0.35 },
];

describe('designs', () => {
  test.each(SPACES)('of $name for $model, too', ({ name, most, ...options }) => {
    const space = compilePsa(loadPsa(name, { ...options, profile: 'astra-sim' }));
    const s = createState(space.workload, space.tiers, 0);
    const end = vi.spyOn(Stage.prototype, 'end');
    let [skipped, wholly] = [0, 0];
    fc.assert(
      fc.property(fc.noBias(fc.bigInt({ min: 0n, max: space.count - 1n })), (ordinal) => {
        s.design = designOf(space, ordinal);
        readNetwork(s);
        readGraph(s);
        const workload = stgWorkload(s);
        if (!isKnown(s, workload) || workload.pp > workload.layers) return;
        const rowTimes = new RowTimes(workload);
        if (rowTimes.read(new SystemReader().read(s)) !== undefined) return;
        const execution = executionOf(rowTimes);
        const { durationNs, stagesAgree } = rowTimes;
        end.mockClear();
        const fast = execution.run(durationNs, { stagesAgree });
        skipped += end.mock.calls.length;
        end.mockClear();
        expect(fast).toEqual(execution.run(durationNs, { whole: true }));
        wholly += end.mock.calls.length;
      }),
      { numRuns: 40, seed: 1 },
    );
    vi.restoreAllMocks();
    expect(skipped).toBeLessThan(most * wholly);
  });
});
