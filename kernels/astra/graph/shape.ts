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
