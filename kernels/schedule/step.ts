/** One step of a graph: layers on stages, micro-batches through the pipeline, gradients, optimiser. */
import { slotOf } from '../../psa/parameters.js';
import { OUTPUT, OUTPUT_COUNT } from '../outputs.js';
import type { State } from '../state.js';
import { COLLECTIVE, GROUP, KIND } from '../workload/operation.js';
import { rooflineUs } from '../workload/roofline.js';
import { GRAPH_REAL } from '../workload/tables.js';
import { addGradients, firstGatherUs } from './gradients.js';
import {
  edgeM,
  isTraining,
  layer,
  layerDenseM,
  layerExpertM,
  overlapsGradients,
  replicaUs,
  WEIGHT_BYTES,
  WEIGHT_SHARDING,
  weightSharding,
} from './layer.js';
import { addPipeline, modelChunks } from './pipeline.js';
import { stageForwardUs, stageLayers } from './stage.js';

const SLOT_PP = slotOf('workload.pp');
const SLOT_EP = slotOf('workload.ep');

/** Bytes that Adam in mixed precision moves per parameter: gradient 4, master and two moments 12 in and out, weight 2. */
const OPTIMIZER_TRAFFIC_BYTES = 30;
const OPTIMIZER_FLOPS = 12;

/**
 * Adds the optimiser on the first stage, and with ZeRO-1 the gather of the weights that it updated: beside the next forward pass
 * where traffic overlaps.
 */
export function addOptimizer(s: State, parts: Float64Array): void {
  const layers = stageLayers(s, 0);
  const headM = s.design[SLOT_PP] === 1 ? edgeM(s, GRAPH_REAL.HEAD_M) : 0;
  const denseM = layers * layerDenseM(s) + edgeM(s, GRAPH_REAL.EMBED_M) + headM;
  const expertM = layers * layerExpertM(s);
  const sharding = weightSharding(s);
  const replicas = sharding === WEIGHT_SHARDING.none ? 1 : s.groupSize[GROUP.data]!;
  const expertReplicas = sharding === WEIGHT_SHARDING.none ? 1 : replicas / s.design[SLOT_EP]!;
  const ownM = denseM / replicas + expertM / expertReplicas;
  parts[OUTPUT.optimizerUs]! += rooflineUs(s, KIND.elementwise, OPTIMIZER_FLOPS * ownM, OPTIMIZER_TRAFFIC_BYTES * ownM);
  if (sharding !== WEIGHT_SHARDING.zero1) return;
  const gatherUs = replicaUs(s, COLLECTIVE.allGather, WEIGHT_BYTES, denseM, expertM);
  const hiddenUs = overlapsGradients(s) ? stageForwardUs(s, 0) / modelChunks(s) : 0;
  parts[OUTPUT.exposedDpUs]! += Math.max(gatherUs - hiddenUs, 0);
}

/** Sets `parts` (a row of outputs) to the time of one step of the current graph and what it consists of, us. */
export function stepGraph(s: State, parts: Float64Array): void {
  for (let i = 0; i < OUTPUT_COUNT; i++) parts[i] = 0;
  layer(s);
  addPipeline(s, parts);
  s.firstGatherUs = firstGatherUs(s);
  parts[OUTPUT.exposedDpUs]! += s.firstGatherUs;
  if (isTraining(s)) {
    addGradients(s, parts);
    addOptimizer(s, parts);
  }
  for (let part = OUTPUT.computeUs; part <= OUTPUT.optimizerUs; part++) parts[OUTPUT.timeUs]! += parts[part];
}
