/** What tensor-parallel ranks copy of several sequences, by how these lie in memory: tensorCopies.ts. Twin in graph.wgsl. */
import { CODE, SLOT } from '../../psa/parameters.js';
import type { State } from '../state.js';
import { FLAG, SCALE } from './operation.js';

const SLOT_TP = SLOT.workload.tp;
const SLOT_TENSOR_LAYOUT = SLOT.workload.tensorLayout;
const SLOT_TENSOR_OVERLAP = SLOT.workload.tensorOverlap;
const SLOT_ELEMENTWISE_SHARE = SLOT.compute.elementwiseShare;
const BATCH_OUTERMOST = CODE.workload.tensorLayout.batchOutermost;

/** Do tensor-parallel ranks join pieces of several sequences, which lie apart? */
function joinsSequences(s: State): boolean {
  return s.design[SLOT_TENSOR_LAYOUT] === BATCH_OUTERMOST && s.design[SLOT_TP]! > 1 && s.microBatch > 1;
}

/** Sets whether there are copies, and their scales from those of the collectives' payloads. */
export function readTensorCopies(s: State): void {
  if (joinsSequences(s)) s.flags |= FLAG.sequencesJoined;
  const copyTraffic = s.design[SLOT_ELEMENTWISE_SHARE]!;
  s.scales[SCALE.tokensCopied] = s.scales[SCALE.tokens]! * copyTraffic;
  // Pieces that travel beside products are multiplied as they come.
  const apart = s.design[SLOT_TENSOR_OVERLAP] === 0;
  s.scales[SCALE.gatheredCopied] = apart ? s.scales[SCALE.tokensGathered]! * copyTraffic : 0;
}
