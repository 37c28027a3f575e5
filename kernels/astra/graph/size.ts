/** How large the op graph of a step is, and how large it may be. */
import { CosmicError } from '../../../psa/errors.js';
import type { Pieces } from './pieces.js';
import { headStageOf, type Shape } from './shape.js';

/** Each is held and runs on its own: about 25 bytes and a third of a microsecond. */
const MOST_NODES = 2 ** 22;
const MOST_STAGES = 2 ** 12;

/** Nodes of a step's graph. */
export function nodeCount(shape: Shape, { layer, first, last, embedding, head, sums, updates }: Pieces): number {
  const { layers, stages, microBatches } = shape;
  const edges = [first, last, embedding, head].reduce((sum, { rows }) => sum + rows.length, 0);
  const links = stages - 1 + Number(headStageOf(shape) !== stages - 1);
  const updated = (place: 0 | 1) => sums[place].rows.length + updates[place].rows.length;
  return microBatches * (layers * layer.rows.length + edges + 2 * links) + layers * updated(0) + 2 * updated(1);
}

/** @throws CosmicError VALUE_OUT_OF_RANGE where a step is too large to be simulated node by node */
export function checkSize(shape: Shape, pieces: Pieces): void {
  const { layers, stages, microBatches } = shape;
  const nodes = nodeCount(shape, pieces);
  if (nodes <= MOST_NODES && stages <= MOST_STAGES) return;
  const number = (value: number) => value.toLocaleString('en-US');
  throw new CosmicError(
    'VALUE_OUT_OF_RANGE',
    `a step of ${number(layers)} layers and ${number(microBatches)} micro-batches on ${number(stages)} stages has ` +
      `${number(nodes)} nodes; at most ${number(MOST_NODES)} on ${number(MOST_STAGES)} stages are simulated`,
    { remedy: 'use larger micro-batches, fewer layers or fewer stages, or the default profile' },
  );
}
