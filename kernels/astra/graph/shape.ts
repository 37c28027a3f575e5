/** What decides the structure of a step's op graph, and how its layers lie on the stages. */
import type { Flags } from './rows.js';

export interface Shape {
  readonly flags: Flags;
  readonly layers: number;
  readonly stages: number;
  readonly microBatches: number;
}

/** Layers of a stage: contiguous blocks, earlier stages take the remainder. */
export function layersOn({ layers, stages }: Shape, stage: number): number {
  return Math.floor(layers / stages) + (stage < layers % stages ? 1 : 0);
}

/** Stage of the head, which is not the last one where the stages do not divide the layers. */
export function headStageOf({ layers, stages }: Shape): number {
  return (layers - 1) % stages;
}

/** Layers of each stage that a run needs to meet what repeats. */
const KEPT_LAYERS = 8;

/** Layers of each stage that a run of one micro-batch may leave out, for they do what those do that are kept. */
export function layersLeftOut({ layers, stages, microBatches }: Shape): number {
  return microBatches === 1 ? Math.max(0, Math.floor(layers / stages) - KEPT_LAYERS) : 0;
}

/** A shape with so many layers less on each stage; the head stays where it is. */
export function withoutLayers(shape: Shape, leftOut: number): Shape {
  return { ...shape, layers: shape.layers - leftOut * shape.stages };
}
