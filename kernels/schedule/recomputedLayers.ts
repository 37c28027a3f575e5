/**
 * Layers that full recomputation leaves out: Megatron-LM's block method runs the first layers of each model chunk again, and of the
 * others all is kept (--recompute-method block, --recompute-num-layers; its transformer_block.py). Twin of recomputedLayers.wgsl.
 */
import { SLOT } from '../../psa/parameters.js';
import type { State } from '../state.js';
import { graphInteger } from '../workload/graph.js';
import { GRAPH_INTEGER } from '../workload/header.js';
import { FLAG } from '../workload/operation.js';
import { modelChunks } from './split.js';

const SLOT_PP = SLOT.workload.pp;
const SLOT_RECOMPUTED_LAYERS = SLOT.workload.recomputedLayers;

/** Layers of a stage, of so many, that full recomputation runs again. */
export function recomputedLayers(s: State, layers: number): number {
  const stated = s.design[SLOT_RECOMPUTED_LAYERS]!;
  return stated === 0 ? layers : Math.min(stated * modelChunks(s), layers);
}

/** How much of full recomputation the layer runs that is the mean of all: as if all stages had as many. */
export function layerAgainShare(s: State): number {
  const stated = s.design[SLOT_RECOMPUTED_LAYERS]!;
  if (stated === 0 || (s.flags & FLAG.recomputeAll) === 0) return 1;
  const again = stated * modelChunks(s) * s.design[SLOT_PP]!;
  return Math.min(again / graphInteger(s, GRAPH_INTEGER.LAYERS), 1);
}
