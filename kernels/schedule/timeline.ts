/** One step drawn out in time: which stage does what when. Places what step.ts sums; the last slice ends with the step. */
import { slotOf } from '../../psa/parameters.js';
import type { ExplainedGraph, RanOperation } from '../explain.js';
import { OUTPUT } from '../outputs.js';
import type { State } from '../state.js';
import { PIPELINE_SCHEDULE } from '../workload/graph.js';
import { SECTION, type Section } from '../workload/transformer.js';
import { isTraining } from './layer.js';
import { boundaryUs, gpipeForwardUs, modelChunks, pipelinePeriodUs } from './pipeline.js';
import { stageBackwardUs, stageForwardUs, stageLayers } from './stage.js';

const SLOT_PP = slotOf('workload.pp');
const SLOT_PIPELINE_SCHEDULE = slotOf('workload.pipelineSchedule');

export type Lane = 'micro-batch' | 'layer' | 'compute' | 'communication';

export interface Slice {
  readonly stage: number;
  readonly lane: Lane;
  readonly name: string;
  readonly startUs: number;
  readonly durationUs: number;
}

/** Micro-batches drawn at either end of a step; those between are one slice. */
const DRAWN = 32;

/** Where the forward and backward pass of each micro-batch begin on a stage, us. */
interface Placement {
  forwardUs(microBatch: number): number;
  backwardUs(microBatch: number): number;
}

function sum(from: number, to: number, value: (stage: number) => number): number {
  let total = 0;
  for (let stage = from; stage < to; stage++) total += value(stage);
  return total;
}

function place(s: State, stage: number, beginUs: number): Placement {
  const stages = s.design[SLOT_PP]!;
  const schedule = s.design[SLOT_PIPELINE_SCHEDULE]!;
  const chunks = modelChunks(s);
  const sendUs = stages > 1 ? boundaryUs(s) : 0;
  const forward = (at: number) => stageForwardUs(s, at);
  const backward = (at: number) => stageBackwardUs(s, at);
  const periodUs = pipelinePeriodUs(s);
  const arrivalUs = beginUs + sum(0, stage, (at) => forward(at) / chunks + sendUs);
  if (!isTraining(s)) {
    return { forwardUs: (k) => arrivalUs + k * periodUs, backwardUs: () => Number.NaN };
  }
  if (chunks > 1) {
    // All chunks of a micro-batch as one slice: the stage works without a pause from its first micro-batch on.
    const forwardUs = (k: number) => arrivalUs + k * periodUs;
    return { forwardUs, backwardUs: (k) => forwardUs(k) + forward(stage) };
  }
  const turnUs = beginUs + sum(0, stages, forward) + (stages - 1) * sendUs;
  const returnUs = sum(stage + 1, stages, (at) => backward(at) + sendUs);
  if (schedule === PIPELINE_SCHEDULE.gpipe) {
    const forwardPeriodUs = gpipeForwardUs(s);
    const lastUs = turnUs + (s.microBatches - 1) * forwardPeriodUs;
    return {
      forwardUs: (k) => arrivalUs + k * forwardPeriodUs,
      backwardUs: (k) => lastUs + returnUs + k * (periodUs - forwardPeriodUs),
    };
  }
  const warmUp = stages - stage;
  const backwardUs = (k: number) => turnUs + returnUs + k * periodUs;
  return {
    backwardUs,
    forwardUs: (k) => (k < warmUp ? arrivalUs + k * forward(stage) : backwardUs(k - warmUp) + backward(stage)),
  };
}

/** Slices of the operations of one section that begins at `startUs`. */
function drawSection(graph: ExplainedGraph, stage: number, section: Section, startUs: number): Slice[] {
  const lane = (operation: RanOperation): Lane => (operation.kind === 'collective' ? 'communication' : 'compute');
  return graph.operations
    .filter((operation) => operation.section === section)
    .map((operation) => ({
      stage,
      lane: lane(operation),
      name: operation.name,
      startUs: startUs + operation.startUs,
      durationUs: operation.endUs - operation.startUs,
    }));
}

/** The sections of a pass in order: an edge of the model before its layers or behind them. */
function drawPass(graph: ExplainedGraph, stage: number, forward: boolean, startUs: number): Slice[] {
  const s = graph.state;
  const last = s.design[SLOT_PP]! - 1;
  const periodUs = forward ? s.forwardPeriodUs : s.backwardPeriodUs;
  const [entry, layerSection, exit]: [Section, Section, Section] = forward
    ? ['embedForward', 'layerForward', 'headForward']
    : ['headBackward', 'layerBackward', 'embedBackward'];
  const slices: Slice[] = [];
  let atUs = startUs;
  const edge = (section: Section) => {
    slices.push(...drawSection(graph, stage, section, atUs));
    atUs += s.sectionUs[SECTION[section]]!;
  };
  if (stage === (forward ? 0 : last)) edge(entry);
  for (let layer = 0; layer < stageLayers(s, stage); layer++) {
    slices.push({ stage, lane: 'layer', name: `layer ${layer}`, startUs: atUs, durationUs: periodUs });
    slices.push(...drawSection(graph, stage, layerSection, atUs));
    atUs += periodUs;
  }
  if (stage === (forward ? last : 0)) edge(exit);
  return slices;
}

function drawStage(graph: ExplainedGraph, stage: number, beginUs: number): Slice[] {
  const s = graph.state;
  const placement = place(s, stage, beginUs);
  const training = isTraining(s);
  const slices: Slice[] = [];
  const pass = (k: number, forward: boolean) => {
    const startUs = forward ? placement.forwardUs(k) : placement.backwardUs(k);
    const durationUs = forward ? stageForwardUs(s, stage) : stageBackwardUs(s, stage);
    slices.push({ stage, lane: 'micro-batch', name: `${forward ? 'F' : 'B'}${k}`, startUs, durationUs });
    if (k === 0 || k === s.microBatches - 1) slices.push(...drawPass(graph, stage, forward, startUs));
  };
  for (let k = 0; k < s.microBatches; k++) {
    if (k >= DRAWN && k < s.microBatches - DRAWN) continue;
    pass(k, true);
    if (training) pass(k, false);
  }
  return slices;
}

/**
 * The slices of one phase's step, from `startUs` on: every stage's micro-batches (the first and last {@link DRAWN}), and the
 * layers and operations of the first and the last of them. What follows (the drain of interleaved chunks, gradients that
 * nothing hid, gathered weights, the optimiser) is drawn on the first stage, where the step ends.
 */
export function timeline(graph: ExplainedGraph, startUs: number): Slice[] {
  const s = graph.state;
  const stages = s.design[SLOT_PP]!;
  const beginUs = startUs + s.firstGatherUs;
  const slices: Slice[] = [];
  if (s.firstGatherUs > 0) {
    slices.push({
      stage: 0,
      lane: 'communication',
      name: 'gather first weights',
      startUs,
      durationUs: s.firstGatherUs,
    });
  }
  for (let stage = 0; stage < stages; stage++) slices.push(...drawStage(graph, stage, beginUs));
  const endUs = startUs + graph.parts[OUTPUT.timeUs]!;
  const drainedUs = slices.reduce((latest, slice) => Math.max(latest, slice.startUs + slice.durationUs), startUs);
  const optimizerUs = graph.parts[OUTPUT.optimizerUs]!;
  const rest = [
    ...(modelChunks(s) > 1 ? ['drain of model chunks'] : []),
    ...(isTraining(s) ? ['gradients', 'gathered weights'] : []),
  ].join(', ');
  const restUs = Math.max(endUs - optimizerUs - drainedUs, 0);
  if (rest !== '') {
    slices.push({ stage: 0, lane: 'communication', name: rest, startUs: drainedUs, durationUs: restUs });
  }
  if (isTraining(s)) {
    slices.push({
      stage: 0,
      lane: 'compute',
      name: 'optimiser',
      startUs: endUs - optimizerUs,
      durationUs: optimizerUs,
    });
  }
  return slices;
}
