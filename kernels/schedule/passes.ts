/** Where the passes of all micro-batches lie on the stages of a pipeline, and which of many are worth drawing. */
import { SLOT } from '../../psa/parameters.js';
import type { State } from '../state.js';
import { PIPELINE_SCHEDULE } from '../workload/graph.js';
import { isTraining } from './layer.js';
import { boundaryUs, gpipeForwardUs, pipelinePeriodUs } from './pipeline.js';
import { modelChunks, splitsBackward } from './split.js';
import { placeUs, stageBackwardUs, stageForwardUs } from './stage.js';

const SLOT_PP = SLOT.workload.pp;
const SLOT_PIPELINE_SCHEDULE = SLOT.workload.pipelineSchedule;

/** A part of a step, us. */
export interface Span {
  readonly startUs: number;
  readonly endUs: number;
}

/** Repeated passes are left out where they are worth so many micro-batches at least. */
const WORTH_LEAVING = 4;

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
  if (splitsBackward(s)) {
    // Input and weight gradients as one slice; what the stages are idle for at the beginning.
    const idleUs = Math.max(s.pipelineUs - s.microBatches * placeUs(s, s.slowestPlace), 0);
    const firstUs = beginUs + (stage / (stages - 1)) * idleUs + stage * sendUs;
    const forwardUs = (k: number) => firstUs + k * periodUs;
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

/** Passes that follow one another alike: those of a group have one period. */
type Group = readonly ('forward' | 'backward')[];

interface Pass extends Span {
  readonly forward: boolean;
  readonly microBatch: number;
}

/** The passes of one group on all stages, and how many of them to draw. */
export class Passes {
  /** What is left out; undefined where all is drawn. */
  readonly repeated: Span | undefined;
  /** The first and the last micro-batches that may lie before or behind that. */
  private readonly head: number;
  private readonly tail: number;

  constructor(
    private readonly s: State,
    private readonly group: Group,
    private readonly placements: readonly Placement[],
    drawn: number,
  ) {
    const { microBatches } = s;
    this.head = microBatches;
    this.tail = microBatches;
    if (microBatches < 2 * drawn + WORTH_LEAVING) return;
    const [first, last] = [this.spanOf(drawn - 1), this.spanOf(microBatches - drawn)];
    const periodUs = (last.startUs - first.startUs) / (microBatches - 2 * drawn + 1);
    if (last.startUs - first.endUs < WORTH_LEAVING * periodUs) return;
    this.repeated = { startUs: first.endUs, endUs: last.startUs };
    // Stages and passes are at different micro-batches at the same time: so many more are in progress.
    const more = Math.ceil((first.endUs - first.startUs) / periodUs) + 1;
    this.head = Math.min(drawn + more, microBatches);
    this.tail = Math.max(microBatches - drawn - more, this.head);
  }

  /** Those of a stage that are drawn. */
  *of(stage: number): Generator<Pass> {
    const { microBatches } = this.s;
    const { startUs: hiddenUs, endUs: againUs } = this.repeated ?? { startUs: Number.POSITIVE_INFINITY, endUs: 0 };
    for (let k = 0; k < microBatches; k = k + 1 === this.head ? this.tail : k + 1) {
      for (const name of this.group) {
        const pass = this.pass(stage, k, name === 'forward');
        if (pass.startUs < hiddenUs || pass.endUs > againUs) yield pass;
      }
    }
  }

  /** What a stage does instead of the others, and how many they are; undefined where there are none. */
  rest(stage: number): (Span & { readonly count: number }) | undefined {
    const { repeated, s, group } = this;
    if (repeated === undefined) return undefined;
    const drawn = [...this.of(stage)];
    const before = drawn.filter(({ startUs }) => startUs < repeated.startUs);
    const behind = drawn.filter(({ startUs }) => startUs >= repeated.startUs);
    return {
      startUs: before.reduce((latest, { endUs }) => Math.max(latest, endUs), 0),
      endUs: behind.reduce((first, { startUs }) => Math.min(first, startUs), Number.POSITIVE_INFINITY),
      count: s.microBatches * group.length - drawn.length,
    };
  }

  private pass(stage: number, microBatch: number, forward: boolean): Pass {
    const { forwardUs, backwardUs } = this.placements[stage]!;
    const startUs = forward ? forwardUs(microBatch) : backwardUs(microBatch);
    const durationUs = forward ? stageForwardUs(this.s, stage) : stageBackwardUs(this.s, stage);
    return { forward, microBatch, startUs, endUs: startUs + durationUs };
  }

  /** From where any stage begins with a micro-batch to where all are done with it. */
  private spanOf(microBatch: number): Span {
    const all = this.placements.flatMap((_, stage) =>
      this.group.map((name) => this.pass(stage, microBatch, name === 'forward')),
    );
    return {
      startUs: Math.min(...all.map(({ startUs }) => startUs)),
      endUs: Math.max(...all.map(({ endUs }) => endUs)),
    };
  }
}

/** GPipe turns between its forward and its backward passes; other schedules mix them. */
function groupsOf(s: State): Group[] {
  if (!isTraining(s)) return [['forward']];
  return s.design[SLOT_PIPELINE_SCHEDULE]! === PIPELINE_SCHEDULE.gpipe
    ? [['forward'], ['backward']]
    : [['forward', 'backward']];
}

/**
 * The passes of a phase's step that begins with its first micro-batch at `beginUs`.
 *
 * @param drawn micro-batches to draw at either end
 */
export function passesOf(s: State, beginUs: number, drawn: number): Passes[] {
  const placements = Array.from({ length: s.design[SLOT_PP]! }, (_, stage) => place(s, stage, beginUs));
  return groupsOf(s).map((group) => new Passes(s, group, placements, drawn));
}
