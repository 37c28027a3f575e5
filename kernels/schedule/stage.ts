/** Time of one micro-batch on a pipeline stage: its layers, and at either end of the model an edge. */
import { slotOf } from '../../psa/parameters.js';
import type { State } from '../state.js';
import { graphInteger } from '../workload/graph.js';
import { GRAPH_INTEGER } from '../workload/tables.js';
import { SECTION } from '../workload/transformer.js';
import { isTraining } from './layer.js';

const SLOT_PP = slotOf('workload.pp');
const SLOT_HOST_MICRO_BATCH_US = slotOf('compute.hostMicroBatchUs');

/** Layers of a stage: contiguous blocks, earlier stages take the remainder. */
export function stageLayers(s: State, stage: number): number {
  const layers = graphInteger(s, GRAPH_INTEGER.LAYERS);
  const stages = s.design[SLOT_PP]!;
  return Math.floor(layers / stages) + (stage < layers % stages ? 1 : 0);
}

/** A maximum without a corner, √(a² + b²): host and NPU wait for one another now and then. */
function smoothMaximum(a: number, b: number): number {
  if (b <= 0) return a;
  const share = Math.min(a, b) / Math.max(a, b);
  return Math.max(a, b) * Math.sqrt(1 + share * share);
}

/** Edges of the model on a stage: the sections at its first and last stage, us. */
export function edgesUs(s: State, stage: number, firstUs: number, lastUs: number): number {
  return (stage === 0 ? firstUs : 0) + (stage === s.design[SLOT_PP]! - 1 ? lastUs : 0);
}

/** Time of the NPU for a forward pass of one micro-batch on a stage, us. */
export function stageForwardNpuUs(s: State, stage: number): number {
  const edgeUs = edgesUs(s, stage, s.sectionUs[SECTION.embedForward]!, s.sectionUs[SECTION.headForward]!);
  return stageLayers(s, stage) * s.forwardPeriodUs + edgeUs;
}

/** The same backward, us. */
export function stageBackwardNpuUs(s: State, stage: number): number {
  const edgeUs = edgesUs(s, stage, s.sectionUs[SECTION.embedBackward]!, s.sectionUs[SECTION.headBackward]!);
  return stageLayers(s, stage) * s.backwardPeriodUs + edgeUs;
}

/** Forward time of one micro-batch on a stage, us. */
export function stageForwardUs(s: State, stage: number): number {
  const edgeUs = edgesUs(s, stage, s.sectionHostUs[SECTION.embedForward]!, s.sectionHostUs[SECTION.headForward]!);
  const hostUs = stageLayers(s, stage) * s.sectionHostUs[SECTION.layerForward]! + edgeUs;
  return smoothMaximum(stageForwardNpuUs(s, stage), hostUs) + s.design[SLOT_HOST_MICRO_BATCH_US]!;
}

/** Backward time of one micro-batch on a stage, us; 0 in inference. */
export function stageBackwardUs(s: State, stage: number): number {
  if (!isTraining(s)) return 0;
  const edgeUs = edgesUs(s, stage, s.sectionHostUs[SECTION.embedBackward]!, s.sectionHostUs[SECTION.headBackward]!);
  const hostUs = stageLayers(s, stage) * s.sectionHostUs[SECTION.layerBackward]! + edgeUs;
  return smoothMaximum(stageBackwardNpuUs(s, stage), hostUs) + s.design[SLOT_HOST_MICRO_BATCH_US]!;
}

/** Forward and backward time of one micro-batch on a stage, us. */
export function stageUs(s: State, stage: number): number {
  return stageForwardUs(s, stage) + stageBackwardUs(s, stage);
}

/** Forward and backward time of all stages: the first, the last, and those between with one layer more or fewer, us. */
export function allStagesUs(s: State): number {
  const stages = s.design[SLOT_PP]!;
  if (stages === 1) return stageUs(s, 0);
  const longer = graphInteger(s, GRAPH_INTEGER.LAYERS) % stages;
  const longerBetween = Math.max(longer, 1) - 1;
  const shorterBetween = stages - 2 - longerBetween;
  return (
    stageUs(s, 0) + stageUs(s, stages - 1) + longerBetween * stageUs(s, 1) + shorterBetween * stageUs(s, stages - 2)
  );
}
