/**
 * Memory as STG prints it for the GPU of a stage (--print_gpu_vram), bytes. Not what a training step needs: weights and
 * optimiser state count before and after the update, gradients and activations have one byte an element, and an activation
 * counts again under each name that the generator gives it.
 */
import { QUANTITY, type Quantity } from './graph/rows.js';
import { headStageOf, layersOn, type Shape } from './graph/shape.js';

export interface PrintedMemory {
  readonly weights: number;
  readonly optimizer: number;
  readonly activations: number;
  readonly gradients: number;
}

/** Bytes per element: single precision before and after the update. */
const WEIGHT_BYTES = 2 * 4;

type Counts = Partial<Record<Quantity, number>>;

/** Tensors of a layer's forward pass by their size, also those that are others under another name. */
const LAYER: Counts = {
  // Norms 4, attention's input 1, residuals 5, the MLP's input 3.
  norm: 13,
  // Q, K, V as one (3), cut (3), in the attention core with their gathered copies (5); the core's output (2).
  local: 13,
  // What leaves the products, before and after its reduction.
  tokens: 4,
  inner: 1,
  // The residual's operand has the feed-forward's width in the generator's table.
  innerWhole: 1,
  // The weights, cut out of the gathered buffer.
  weights: 1,
};
const EMBEDDING: Counts = { logits: 1, embeddingOutput: 1 };
const HEAD: Counts = { norm: 2, headOutput: 2 };
/** What a stage receives. */
const RECEIVED: Counts = { norm: 1 };

function bytesOf(counts: Counts, quantities: Float64Array): number {
  return Object.entries(counts).reduce(
    (sum, [name, count]) => sum + count * quantities[QUANTITY[name as Quantity]]!,
    0,
  );
}

/** What STG prints for a stage. */
export function printedMemory(shape: Shape, quantities: Float64Array, stage: number): PrintedMemory {
  const layers = layersOn(shape, stage);
  const headStage = headStageOf(shape);
  const embeddings = Number(stage === 0);
  const heads = Number(stage === headStage);
  // Activations come from the stage before, and to a head that is not behind the last layer from there.
  const received = Number(stage > 0) + Number(heads === 1 && headStage !== shape.stages - 1);
  const shard = layers * quantities[QUANTITY.shard]!;
  const parameters = shard + (embeddings + heads) * quantities[QUANTITY.vocabularyWeight]!;
  const passed =
    layers * bytesOf(LAYER, quantities) +
    embeddings * bytesOf(EMBEDDING, quantities) +
    heads * bytesOf(HEAD, quantities) +
    received * bytesOf(RECEIVED, quantities);
  return {
    weights: WEIGHT_BYTES * parameters,
    optimizer: WEIGHT_BYTES * parameters,
    // The gradients' sums over the micro-batches count as activations.
    activations: shape.microBatches * passed + shard,
    // Sharded ones are not counted.
    gradients: shape.flags.sharded && shape.flags.dp ? 0 : shape.microBatches * shard,
  };
}
