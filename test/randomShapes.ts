/** Shapes of ASTRA-sim's op graphs for property tests. */
import fc from 'fast-check';
import type { Shape } from '../kernels/astra/graph/shape.js';

/** Any flags, with sizes that are drawn so; each stage has a layer. */
export function randomShapes(
  sizes: {
    readonly [size in 'layers' | 'stages' | 'microBatches']: fc.Arbitrary<number>;
  },
): fc.Arbitrary<Shape> {
  const flag = fc.boolean();
  const flags = fc.record({ dp: flag, tp: flag, cp: flag, sharded: flag, tpsp: flag });
  return fc.record({ flags, ...sizes }).filter(({ layers, stages }) => stages <= layers);
}
