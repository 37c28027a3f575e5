/** The two passes of a micro-batch through the layers of a stage, and the rows whose ends tell where they are. */
import type { Pieces } from '../graph/pieces.js';
import { type Block, INPUT_GRADIENT, OUTPUT } from '../graph/rows.js';

/** Direction of a pass. */
export const FORWARD = 1;
export const BACKWARD = 2;
/** Behind a row's end the pass enters the first layer of the stage; added to its direction. */
export const ENTERS = 2;

/** For each row: the direction of the pass of which it ends a layer, or which enters the stage with it; 0 for none. */
export function passMarks(pieces: Pieces): Uint8Array {
  const { embedding, first, head, last, layer, sends } = pieces;
  const marks = new Uint8Array(pieces.rows.length);
  const mark = (block: Block, place: number, value: number) => {
    if (block.rows.length > 0) marks[pieces.firstRowOf(block) + place] = value;
  };
  mark(layer, layer.placeOf(OUTPUT), FORWARD);
  mark(layer, layer.placeOf(INPUT_GRADIENT), BACKWARD);
  mark(embedding, embedding.placeOf('embedding'), ENTERS + FORWARD);
  mark(head, head.placeOf('head dX'), ENTERS + BACKWARD);
  for (const block of [first, sends.forward]) mark(block, 0, ENTERS + FORWARD);
  for (const block of [last, sends.backward, sends.fromHead]) mark(block, 0, ENTERS + BACKWARD);
  return marks;
}
