import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { randomShapes } from '../../../test/randomShapes.js';
import { COLLECTIVE } from '../../workload/operation.js';
import { Execution } from '../schedule/readyList.js';
import { quantitiesOf, RowTimes, type StgWorkload, shapeOf } from '../schedule/rowTimes.js';
import { opGraph } from './opGraph.js';
import { Pieces } from './pieces.js';
import { type Amount, QUANTITY } from './rows.js';
import { headStageOf, layersOn, type Shape } from './shape.js';
import { nodeCount } from './size.js';

interface Run {
  readonly id: string;
  readonly workload: Record<string, number> & { readonly extra_flags: string[] };
  readonly rank0_trace?: {
    readonly nodes: number;
    readonly sum_num_ops: number;
    readonly collectives: Record<string, { readonly count: number; readonly sum_comm_size: number }>;
  };
}

const file = join(packageRoot, 'test/data/astra-sim/workloads.json');
const runs = (JSON.parse(readFileSync(file, 'utf8')) as Run[]).filter(
  // One run of each workload: the others differ in their networks.
  ({ id, rank0_trace }) => id.endsWith('-0') && rank0_trace !== undefined,
);

function workloadOf({ workload: w }: Run): StgWorkload {
  return {
    layers: w.num_stacks!,
    hidden: w.dmodel!,
    ffn: w.dff!,
    vocab: w.dvocal!,
    seq: w.seq!,
    batch: w.batch!,
    microBatch: w.micro_batch! > 0 ? w.micro_batch! : w.batch!,
    dp: w.dp!,
    tp: w.tp!,
    cp: w.sp!,
    pp: w.pp!,
    sharded: w.weight_sharded === 1,
    tpsp: w.extra_flags.length === 0,
  };
}

test('a step that is too large for its nodes to be held is refused', () => {
  const workload = { ...workloadOf(runs[0]!), batch: 2 ** 19, microBatch: 1, dp: 1 };
  expect(() => new RowTimes(workload)).toThrow(/524,288 micro-batches .* nodes; at most 4,194,304/);
});

describe('what the generator wrote for NPU 0', () => {
  test.each(runs.map((run) => [run.id, run] as const))('%s', (_, run) => {
    const workload = workloadOf(run);
    const graph = opGraph(shapeOf(workload), new Pieces(shapeOf(workload).flags));
    expect(nodeCount(shapeOf(workload), new Pieces(shapeOf(workload).flags))).toBe(graph.rowOf.length);
    const quantities = quantitiesOf(workload);
    const value = ([factor, quantity]: Amount) => factor * quantities[QUANTITY[quantity]]!;
    const own = Array.from(graph.rowOf, (row) => graph.rows[row]!).slice(0, graph.stageStart[1]);
    // Another stage's sends to this one are receives here.
    const receives = graph.receiverOf.filter((receiver, node) => receiver === 0 && graph.stageOf[node] !== 0).length;
    const trace = run.rank0_trace!;
    expect(own.length + receives).toBe(trace.nodes);
    expect(own.reduce((sum, { ops }) => sum + value(ops), 0)).toBe(trace.sum_num_ops);
    const names = { all_reduce: 'allReduce', all_gather: 'allGather', reduce_scatter: 'reduceScatter' } as const;
    const degree = { dp: workload.dp, tp: workload.tp, cp: workload.cp, pp: workload.pp };
    for (const [key, { count, sum_comm_size }] of Object.entries(trace.collectives)) {
      const [name, size] = key.split('/group_of_') as [keyof typeof names, string];
      const rows = own.filter(
        ({ collective, group }) => collective === COLLECTIVE[names[name]] && degree[group] === Number(size),
      );
      expect([key, rows.length]).toEqual([key, count]);
      expect(rows.reduce((sum, row) => sum + value(row.size), 0)).toBe(sum_comm_size);
    }
  });
});

const shapes = randomShapes({
  layers: fc.integer({ min: 1, max: 6 }),
  stages: fc.integer({ min: 1, max: 4 }),
  microBatches: fc.integer({ min: 1, max: 4 }),
});

test('stages share the layers, the first ones take the remainder; the head is where the last layer would be in turn', () => {
  const shape = {
    flags: { dp: true, tp: true, cp: true, sharded: true, tpsp: true },
    layers: 7,
    stages: 3,
    microBatches: 1,
  };
  expect([0, 1, 2].map((stage) => layersOn(shape, stage))).toEqual([3, 2, 2]);
  expect(headStageOf(shape)).toBe(0);
  expect(headStageOf({ ...shape, layers: 6 })).toBe(2);
});

describe('any graph, on any durations', () => {
  interface Ran {
    readonly startNs: number;
    readonly endNs: number;
  }

  function execute(shape: Shape, seed: number) {
    const graph = opGraph(shape, new Pieces(shape.flags));
    const durations = Array.from({ length: shape.stages }, (_, stage) =>
      Float64Array.from(graph.rows, (_, row) => 1 + ((seed * 31 + stage * 17 + row * 7919) % 97)),
    );
    const ran: Ran[] = [];
    const stages = new Execution(shape, graph.pieces).run(durations, {
      onNode: (node, startNs, endNs) => {
        ran[node] = { startNs, endNs };
      },
    });
    return { graph, durations, ran, stages };
  }

  test('every node runs once, after those that it waits for; a stage runs one computation and one transfer at a time', () => {
    fc.assert(
      fc.property(shapes, fc.nat(1000), (shape, seed) => {
        const { graph, durations, ran, stages } = execute(shape, seed);
        expect(ran.filter((node) => node !== undefined)).toHaveLength(graph.rowOf.length);
        graph.rowOf.forEach((row, node) => {
          expect(ran[node]!.endNs - ran[node]!.startNs).toBe(durations[graph.stageOf[node]!]![row]);
          for (let i = graph.firstSuccessor[node]!; i < graph.firstSuccessor[node + 1]!; i++) {
            expect(ran[graph.successors[i]!]!.startNs).toBeGreaterThanOrEqual(ran[node]!.endNs);
          }
        });
        for (let stage = 0; stage < shape.stages; stage++) {
          const own = ran.map((node, i) => ({ ...node, i })).filter(({ i }) => graph.stageOf[i] === stage);
          const computes = ({ i }: { i: number }) => {
            const { collective, group } = graph.rows[graph.rowOf[i]!]!;
            return collective === undefined && group !== 'pp';
          };
          for (const slot of [own.filter(computes), own.filter((node) => !computes(node))]) {
            slot.sort((a, b) => a.startNs - b.startNs);
            slot.slice(1).forEach(({ startNs }, i) => {
              expect(startNs).toBeGreaterThanOrEqual(slot[i]!.endNs);
            });
          }
          const { computeNs, exposedNs, idleNs, finishNs } = stages[stage]!;
          expect(own.filter(computes).reduce((sum, { startNs, endNs }) => sum + endNs - startNs, 0)).toBe(computeNs);
          expect(computeNs + exposedNs.reduce((sum, ns) => sum + ns) + idleNs).toBe(finishNs);
        }
      }),
      { numRuns: 30 },
    );
  });
});

test('sends to one stage go by micro-batches, each in the order in which the stage takes them', () => {
  // Three layers on two stages: the head is on the first, the last layer on the other.
  const flags = { dp: false, tp: false, cp: false, sharded: false, tpsp: true };
  const graph = opGraph({ layers: 3, stages: 2, microBatches: 2, flags }, new Pieces(flags));
  const sends = (stage: number) =>
    [...graph.rowOf].flatMap((row, node) =>
      graph.stageOf[node] === stage && graph.rows[row]!.group === 'pp' ? [graph.rows[row]!.name] : [],
    );
  expect(sends(0)).toEqual(['send', 'send head gradient', 'send', 'send head gradient']);
  expect(sends(1)).toEqual(['send gradient', 'send to head', 'send gradient', 'send to head']);
});
