import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { compilePsa } from '../../../psa/compile.js';
import { loadPsa } from '../../../psa/load.js';
import { designOf } from '../../../psa/ordinals.js';
import { durationsOf, randomTimes } from '../../../test/randomRowTimes.js';
import { randomShapes } from '../../../test/randomShapes.js';
import { readNetwork } from '../../network/network.js';
import { createState } from '../../state.js';
import { readGraph } from '../../workload/graph.js';
import { isKnown, SystemReader, stgWorkload } from '../design.js';
import { Pieces } from '../graph/pieces.js';
import { type Flags, GATHERS } from '../graph/rows.js';
import { StageGraphs } from '../graph/stageGraph.js';
import { KnownProgress } from './knownProgress.js';
import { Nodes } from './nodes.js';
import { ProgressStates } from './progressStates.js';
import { Execution } from './readyList.js';
import { RowTimes } from './rowTimes.js';
import { executionOf } from './runStep.js';
import { Stage } from './stage.js';
import { StagePool } from './stagePool.js';
import { StagesInTurn } from './stagesInTurn.js';
import { Steady } from './steady.js';

const shapes = randomShapes({
  // Some leave layers out of their graph, others have none to spare.
  layers: fc.integer({ min: 1, max: 60 }),
  stages: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 8 })),
  microBatches: fc.constant(1),
});

test('a step whose repetitions are skipped is, to the nanosecond, the step of which each node runs', () => {
  const touch = vi.spyOn(Steady.prototype, 'touch');
  const end = vi.spyOn(Stage.prototype, 'end');
  let ran = 0;
  let wholly = 0;
  fc.assert(
    fc.property(shapes, randomTimes, (shape, ofRows) => {
      const pieces = new Pieces(shape.flags);
      const durations = durationsOf(pieces, shape.stages, ofRows);
      const execution = new Execution(shape, pieces);
      const options = { stagesAgree: ofRows.agree };
      touch.mockClear();
      const fast = execution.run(durations, options);
      ran += touch.mock.calls.length;
      end.mockClear();
      expect(fast).toEqual(execution.run(durations, { whole: true }));
      wholly += end.mock.calls.length;
      // Nothing of a run is left for the next one.
      expect(execution.run(durations, options)).toEqual(fast);
    }),
    { numRuns: 400, seed: 1 },
  );
  vi.restoreAllMocks();
  expect(ran).toBeLessThan(0.5 * wholly);
});

test('what is known of runs serves runs with other times, be it of graphs of other steps', () => {
  const flags = { dp: true, tp: true, cp: true, sharded: true, tpsp: true };
  const pieces = new Pieces(flags);
  const graphs = new StageGraphs(pieces, (graph) => new Nodes(graph));
  const pool = new StagePool();
  // Whole stages of ten layers are kept by their states, those of eleven are not; both are in one step.
  const steps = [
    { layers: 4, stages: 4 },
    { layers: 21, stages: 2 },
    { layers: 31, stages: 3 },
    { layers: 50, stages: 1 },
  ];
  const executions = steps.map((step) => new Execution({ ...step, microBatches: 1, flags }, pieces, graphs, pool));
  const find = vi.spyOn(ProgressStates.prototype, 'find');
  const change = vi.spyOn(KnownProgress.prototype, 'change');
  fc.assert(
    fc.property(fc.nat(steps.length - 1), randomTimes, (step, ofRows) => {
      const execution = executions[step]!;
      const durations = durationsOf(pieces, 8, ofRows);
      const fast = execution.run(durations, { stagesAgree: ofRows.agree });
      expect(fast).toEqual(execution.run(durations, { whole: true }));
    }),
    { numRuns: 400, seed: 2 },
  );
  const share = find.mock.calls.length / change.mock.calls.length;
  vi.restoreAllMocks();
  expect(share).toBeLessThan(0.5);
});

describe('a graph without layers that repeat stands for the whole one', () => {
  /** Runs that fall back to the whole graph. */
  function wholeRuns(times: (name: string) => number, flags: Partial<Flags>): number {
    const shape = {
      layers: 96,
      stages: 1,
      microBatches: 1,
      flags: { dp: true, tp: true, cp: true, sharded: false, tpsp: true, ...flags },
    };
    const pieces = new Pieces(shape.flags);
    const durations = [Float64Array.from(pieces.rows, ({ name }) => times(name))];
    const execution = new Execution(shape, pieces);
    const turns = vi.spyOn(StagesInTurn.prototype, 'run');
    const fast = execution.run(durations, { stagesAgree: true });
    const runs = turns.mock.calls.length;
    turns.mockRestore();
    expect(fast).toEqual(execution.run(durations, { whole: true }));
    return runs - 1;
  }
  const isGather = (name: string) => (GATHERS as readonly string[]).includes(name);

  test('where the pass leaves nothing behind', () => {
    expect(wholeRuns((name) => 10 + name.length, {})).toBe(0);
  });

  test('where sums of gradients and updates are left until it has ended', () => {
    expect(wholeRuns((name) => (name.includes('over') ? 1 : 10 + name.length), { cp: false })).toBe(0);
    expect(wholeRuns((name) => (name === 'update' ? 3 : 200 + name.length), { tp: false, cp: false })).toBe(0);
  });

  test.each([1, 7, 50])('where gathers of %i ns run beside the embedding, and beside the first layer', (gatherNs) => {
    const times = (embeddingNs: number) => (name: string) => {
      if (isGather(name)) return gatherNs;
      return name === 'embedding' ? embeddingNs : 1001 + 2 * name.length;
    };
    expect(wholeRuns(times(100_003), { sharded: true })).toBe(0);
    expect(wholeRuns(times(503), { sharded: true })).toBe(0);
  });

  test('but not where collectives fall behind', () => {
    expect(wholeRuns((name) => (name === 'gradients over dp' ? 10_000 : 10), { tp: false, cp: false })).toBe(1);
  });
});

/** Spaces and models with and without a pipeline, sharded weights, groups that are not powers of two. */
const SPACES = [
  { name: 'cosmic-full', model: 'gpt3-175b', set: [], most: 0.09 },
  { name: 'cosmic-full', model: 'vit-large', set: ['workload.sequenceParallel=all'], most: 0.35 },
  { name: 'cosmic-network', model: 'gpt3-13b', set: [], most: 0.2 },
];

describe('designs', () => {
  test.each(SPACES)('of $name for $model, too', ({ name, most, ...options }) => {
    const space = compilePsa(loadPsa(name, { ...options, profile: 'astra-sim' }));
    const s = createState(space.workload, space.tiers, 0);
    const touch = vi.spyOn(Steady.prototype, 'touch');
    const end = vi.spyOn(Stage.prototype, 'end');
    let [ran, wholly] = [0, 0];
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
        touch.mockClear();
        const fast = execution.run(durationNs, { stagesAgree });
        ran += touch.mock.calls.length;
        end.mockClear();
        expect(fast).toEqual(execution.run(durationNs, { whole: true }));
        wholly += end.mock.calls.length;
      }),
      { numRuns: 40, seed: 1 },
    );
    vi.restoreAllMocks();
    expect(ran).toBeLessThan(most * wholly);
  });
});
