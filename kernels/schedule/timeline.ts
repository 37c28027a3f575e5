/** One step drawn out in time: which stage does what when. Places what step.ts sums; the last slice ends with the step. */
import { SLOT } from '../../psa/parameters.js';
import type { ExplainedGraph, RanOperation } from '../explain.js';
import { OUTPUT } from '../outputs.js';
import { SECTION, type Section } from '../workload/transformer.js';
import { isTraining } from './layer.js';
import { type Passes, passesOf, type Span } from './passes.js';
import { embedShare, headShare, modelChunks, splitsBackward } from './split.js';
import { stageLayers } from './stage.js';

const SLOT_PP = SLOT.workload.pp;

export type Lane = 'micro-batch' | 'layer' | 'compute' | 'communication';

export interface Slice {
  readonly stage: number;
  readonly lane: Lane;
  readonly name: string;
  readonly startUs: number;
  readonly durationUs: number;
}

export interface Timeline {
  readonly slices: readonly Slice[];
  /** Where the same passes follow one another on all stages: on each they are one slice. In order, apart from each other. */
  readonly repeated: readonly Span[];
}

/** Micro-batches that are drawn at either end of a long step. */
const DRAWN = 32;

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
  if ((forward ? embedShare(s, stage) : headShare(s, stage)) === 1) edge(entry);
  for (let layer = 0; layer < stageLayers(s, stage); layer++) {
    slices.push({ stage, lane: 'layer', name: `layer ${layer}`, startUs: atUs, durationUs: periodUs });
    slices.push(...drawSection(graph, stage, layerSection, atUs));
    atUs += periodUs;
  }
  if ((forward ? headShare(s, stage) : embedShare(s, stage)) === 1) edge(exit);
  return slices;
}

function drawStage(graph: ExplainedGraph, stage: number, passes: Passes): Slice[] {
  const last = graph.state.microBatches - 1;
  const rest = passes.rest(stage);
  const slices = [...passes.of(stage)].flatMap(({ forward, microBatch, startUs, endUs }): Slice[] => {
    const name = `${forward ? 'F' : 'B'}${microBatch}`;
    const inside = microBatch === 0 || microBatch === last ? drawPass(graph, stage, forward, startUs) : [];
    return [{ stage, lane: 'micro-batch', name, startUs, durationUs: endUs - startUs }, ...inside];
  });
  if (rest === undefined) return slices;
  const { startUs, endUs, count } = rest;
  return [
    ...slices,
    { stage, lane: 'micro-batch', name: `${count} more passes`, startUs, durationUs: endUs - startUs },
  ];
}

/**
 * The slices of one phase's step, from `startUs` on: every stage's micro-batches, and the layers and operations of the first
 * and the last of them. What follows (the drain of interleaved chunks, gradients that nothing hid, gathered weights, the
 * optimiser) is drawn on the first stage, where the step ends.
 *
 * @param drawn micro-batches at either end of a step; where there are many more, what all stages repeat is one slice on each
 */
export function timeline(graph: ExplainedGraph, startUs: number, drawn = DRAWN): Timeline {
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
  const groups = passesOf(s, beginUs, drawn);
  for (let stage = 0; stage < stages; stage++) {
    slices.push(...groups.flatMap((passes) => drawStage(graph, stage, passes)));
  }
  slices.push(...drawEnd(graph, startUs, endOf(slices, startUs)));
  return { slices, repeated: groups.flatMap(({ repeated }) => repeated ?? []) };
}

function endOf(slices: readonly Slice[], startUs: number): number {
  return slices.reduce((latest, slice) => Math.max(latest, slice.startUs + slice.durationUs), startUs);
}

/** What follows the last micro-batch. */
function drawEnd(graph: ExplainedGraph, startUs: number, drainedUs: number): Slice[] {
  const s = graph.state;
  const endUs = startUs + graph.parts[OUTPUT.timeUs]!;
  const optimizerUs = graph.parts[OUTPUT.optimizerUs]!;
  const rest = [
    ...(modelChunks(s) > 1 || splitsBackward(s) ? ['drain of model chunks'] : []),
    ...(isTraining(s) ? ['gradients', 'gathered weights'] : []),
  ].join(', ');
  const restUs = Math.max(endUs - optimizerUs - drainedUs, 0);
  return [
    ...(rest === ''
      ? []
      : [{ stage: 0, lane: 'communication' as const, name: rest, startUs: drainedUs, durationUs: restUs }]),
    ...(isTraining(s)
      ? [
          {
            stage: 0,
            lane: 'compute' as const,
            name: 'optimiser',
            startUs: endUs - optimizerUs,
            durationUs: optimizerUs,
          },
        ]
      : []),
  ];
}
