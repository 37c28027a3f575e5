import { describe, expect, test } from 'vitest';
import type { System } from '../../../kernels/astra/collective/message.js';
import { Pieces } from '../../../kernels/astra/graph/pieces.js';
import { StageGraphs } from '../../../kernels/astra/graph/stageGraph.js';
import { Nodes } from '../../../kernels/astra/schedule/nodes.js';
import { packStep } from '../../../kernels/astra/schedule/packedStep.js';
import { type StgWorkload, shapeOf } from '../../../kernels/astra/schedule/rowTimes.js';
import { packRows } from '../../../kernels/astra/schedule/rowTimesLayout.js';
import { STEP_WORKGROUP, STEP_WORKGROUP_WORDS } from '../../../kernels/astra/schedule/stepLayout.js';
import { threadBytesOf } from './rowTimes.js';
import { Batch, countOf, partsOf, STATE_BYTES, type StepDesigns } from './stepBatches.js';

const SYSTEM: System = {
  ...{ npus: 4096, dimensions: [], chunks: 1, activeChunks: 1, queues: 1, localBandwidthAware: false, endpointNs: 10 },
  ...{ peak: 1, memoryBandwidth: 1 },
};

/** Designs of a pipeline with a layer a stage, whose stages do not agree. */
function pipeline(stages: number, designs: number): StepDesigns {
  const workload: StgWorkload = {
    ...{ dp: 1, tp: 1, cp: 1, pp: stages, sharded: false, tpsp: false, microBatch: 1, batch: 1 },
    ...{ layers: stages, hidden: 8, ffn: 8, vocab: 8, seq: 8 },
  };
  const shape = shapeOf(workload);
  const pieces = new Pieces(shape.flags);
  const graphs = new StageGraphs(pieces, (graph) => new Nodes(graph));
  const systems = new Array<System>(designs).fill(SYSTEM);
  return {
    packed: packStep(shape, pieces, graphs, false),
    rows: { packed: packRows(workload, pieces, false), systems },
  };
}

describe('designs are taken in parts whose times of rows have room', () => {
  test.each([
    [4, 100_000],
    [600, 100],
    [4095, 40],
  ])('of %i stages', (stages, count) => {
    const designs = pipeline(stages, count);
    const parts = [...partsOf(designs)];
    expect(parts.reduce((sum, part) => sum + countOf(part), 0)).toBe(count);
    const bytes = threadBytesOf(designs.rows);
    const largest = Math.max(...parts.map(countOf));
    // Of the largest, one at a time.
    expect(largest === 1 || largest * bytes <= STATE_BYTES).toBe(true);
    expect(largest * bytes > STATE_BYTES / 2 || largest === count).toBe(true);
  });
});

test('designs whose time nobody asks for have places among the times of rows and the results, but run in no workgroup', () => {
  const batch = new Batch();
  const designs = pipeline(4, 10);
  batch.add(designs, 0);
  batch.add({ ...designs, endsAlone: true }, 0);
  batch.add(designs, 0);
  const at = (place: keyof typeof STEP_WORKGROUP) =>
    [0, 1].map((workgroup) => batch.workgroups[workgroup * STEP_WORKGROUP_WORDS + STEP_WORKGROUP[place]]);
  expect(batch.workgroups.length).toBe(2 * STEP_WORKGROUP_WORDS);
  expect(at('first')).toEqual([0, 20]);
  expect(at('count')).toEqual([10, 10]);
  expect(at('durations')).toEqual([0, 20 * designs.packed.durations]);
  expect(batch.count).toBe(30);
});
