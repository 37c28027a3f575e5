/** What layers keep of a micro-batch for the backward pass. Twin of kept.wgsl. */
import { SLOT } from '../../psa/parameters.js';
import { recomputedLayers } from '../schedule/recomputedLayers.js';
import type { State } from '../state.js';
import { graphReal, RECOMPUTATION } from '../workload/graph.js';
import { GRAPH_REAL } from '../workload/header.js';
import { SCALE } from '../workload/operation.js';
import { SECTION } from '../workload/transformer.js';
import { emptyPlacesMB, unfusedMB } from './framework.js';

const SLOT_RECOMPUTATION = SLOT.workload.recomputation;
const SLOT_RECOMPUTATION_BLOCK = SLOT.workload.recomputationBlock;

/** Of a block: what single precision rounds up is no block more. */
export const BLOCK_TOLERANCE = 1e-4;

/** What a layer keeps of a micro-batch beyond its rows, MB. */
function beyondRowsMB(s: State): number {
  return unfusedMB(s) + emptyPlacesMB(s);
}

/** All that one layer makes and the backward pass needs, of a micro-batch, MB. */
export function layerWholeMB(s: State): number {
  return s.sectionSavedMB[SECTION.layerForward]! + beyondRowsMB(s);
}

/** Tensors that a layer which is recomputed whole keeps all the same, of a micro-batch, MB. */
function keptTensorsMB(s: State): number {
  return s.tensorsMB + s.tensorsOnHostMB;
}

/** What such a layer makes once more, MB. */
export function layerAgainMB(s: State): number {
  return Math.max(layerWholeMB(s) - keptTensorsMB(s), 0);
}

/** Blocks of so many layers, of each of which the first input alone is kept (Megatron-LM's uniform method). */
function recomputedBlocks(s: State, layers: number): number {
  return Math.ceil(layers / s.design[SLOT_RECOMPUTATION_BLOCK]! - BLOCK_TOLERANCE);
}

/**
 * What the layers of a stage keep of a micro-batch, MB: so much one that is not recomputed whole, and one that is so much besides the
 * input of its block.
 */
function stageOf(s: State, layers: number, layerMB: number, tensorsMB: number): number {
  if (s.design[SLOT_RECOMPUTATION] !== RECOMPUTATION.full) return layers * layerMB;
  const again = recomputedLayers(s, layers);
  const inputMB = graphReal(s, GRAPH_REAL.BOUNDARY_MB) * s.scales[SCALE.tokensSeq]!;
  return recomputedBlocks(s, again) * inputMB + again * tensorsMB + (layers - again) * layerMB;
}

/** What the layers of a stage keep of a micro-batch, MB. */
export function stageSavedMB(s: State, layers: number): number {
  return stageOf(s, layers, layerWholeMB(s) - s.sectionDroppedMB[SECTION.layerForward]!, keptTensorsMB(s));
}

/** Of that what modules and single tensors have on the host. */
export function stageOffloadedMB(s: State, layers: number): number {
  const again = s.design[SLOT_RECOMPUTATION] === RECOMPUTATION.full ? recomputedLayers(s, layers) : 0;
  return again * s.tensorsOnHostMB + (layers - again) * s.offloadedMB;
}

/** And what they leave. */
export function stageOwnMB(s: State, layers: number): number {
  return stageOf(s, layers, s.remainingMB + beyondRowsMB(s), s.tensorsMB);
}
