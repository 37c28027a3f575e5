import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomShapes } from '../../../test/randomShapes.js';
import { Pieces } from '../graph/pieces.js';
import { NODE_BIT } from './stepLayout.js';

const one = fc.constant(1);

test('any row has its number in the word of a node, below the next bit', () => {
  fc.assert(
    fc.property(randomShapes({ layers: one, stages: one, microBatches: one }), ({ flags }) => {
      expect(new Pieces(flags).rows.length).toBeLessThanOrEqual(2 ** NODE_BIT.gather);
    }),
    { numRuns: 200, seed: 1 },
  );
});
