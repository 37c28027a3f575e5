import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomShapes } from '../../../test/randomShapes.js';
import { outgoingOf, repeatedGraph } from './microBatches.js';
import { opGraph } from './opGraph.js';
import { Pieces } from './pieces.js';
import { type StageGraph, StageGraphs, sendsTo, stageGraph } from './stageGraph.js';

const shapes = randomShapes({
  layers: fc.integer({ min: 1, max: 14 }),
  stages: fc.integer({ min: 1, max: 7 }),
  microBatches: fc.integer({ min: 1, max: 5 }),
});

/** What waits for each own node's end, in the order of numbers. */
function successorsOf({ nodes, firstSuccessor, successors }: StageGraph): number[][] {
  return Array.from({ length: nodes }, (_, node) =>
    [...successors.subarray(firstSuccessor[node], firstSuccessor[node + 1])].sort((a, b) => a - b),
  );
}

test('graphs of stages of several micro-batches are those that the graph of the whole step has, number by number', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const { microBatches, stages } = shape;
      const pieces = new Pieces(shape.flags);
      const whole = opGraph(shape, pieces);
      const sends = sendsTo(whole);
      const ones = new StageGraphs(pieces, (graph) => graph).of({ ...shape, microBatches: 1 });
      const outgoing = ones.map((one, stage) => outgoingOf(one, stage, shape));
      const own = ones.map((one, stage) => repeatedGraph(one, outgoing[stage]!, microBatches));
      for (let stage = 0; stage < stages; stage++) {
        const expected = stageGraph(whole, stage, sends[stage]!);
        const graph = own[stage]!;
        expect(graph.nodes).toBe(expected.nodes);
        expect(graph.rowOf.subarray(0, graph.nodes)).toEqual(expected.rowOf.subarray(0, expected.nodes));
        expect(graph.waits).toEqual(expected.waits);
        expect(graph.span).toEqual(expected.span);
        expect(successorsOf(graph)).toEqual(successorsOf(expected));
        // What is received has other numbers, by what it is.
        for (const { send, receiver, first, step } of outgoing[stage]!) {
          for (let microBatch = 0; microBatch < microBatches; microBatch++) {
            const sent = whole.stageStart[stage]! + first + microBatch * step;
            expect(whole.receiverOf[sent]).toBe(receiver);
            const other = own[receiver]!;
            const node = other.received[send]! + microBatch;
            const begin = whole.stageStart[receiver]!;
            const waiting = whole.successors
              .subarray(whole.firstSuccessor[sent], whole.firstSuccessor[sent + 1])
              .map((successor) => successor - begin);
            expect(other.successors.subarray(other.firstSuccessor[node], other.firstSuccessor[node + 1])).toEqual(
              waiting,
            );
          }
        }
      }
    }),
    { numRuns: 80, seed: 1 },
  );
});
