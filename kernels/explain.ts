/** Where a design's numbers come from: every operation and collective of its op graphs, as the simulator ran them. */
import { requireProfile } from '../psa/profile.js';
import type { Workload } from '../psa/space.js';
import { algorithmOf } from './collective/phase.js';
import { communicate, compute, startChain, travelsBeside, waitLast, waitNone, waitPrevious } from './schedule/chain.js';
import { simulateGraph } from './simulate.js';
import { createState, type State } from './state.js';
import { type Lowering, lower, rowsOf, type Step } from './workload/lowering.js';
import {
  CHANNEL_GROUPS,
  COLLECTIVE,
  type Collective,
  GROUP,
  type Group,
  type Operation,
  RATE,
  SCALE,
} from './workload/operation.js';
import { isLayerAgain } from './workload/recomputation.js';
import { arithmeticUs, fillMflop, productUs, rooflineUs, trafficUs } from './workload/roofline.js';
import { runs } from './workload/segments.js';
import { SECTION, SECTIONS, type Section } from './workload/transformer.js';

/** A group's part of a network dimension. */
export interface GroupPart {
  readonly dimension: number;
  readonly npus: number;
  /** As in ALGORITHM of kernels/collective. */
  readonly algorithm: number;
}

/** One operation of a section, as it ran once for one micro-batch. */
export interface RanOperation {
  readonly section: Section;
  readonly name: string;
  readonly kind: Operation['kind'];
  /** Begin and end since the section's begin, us. */
  readonly startUs: number;
  readonly endUs: number;
  readonly gflop: number;
  /** Bytes read and written, or a collective's payload. */
  readonly sizeMB: number;
  /** Which side of the roofline bounds it; `network` for a collective. */
  readonly bound: 'arithmetic' | 'memory' | 'network';
  readonly collective: Collective | undefined;
  readonly group: Group | undefined;
  readonly parts: readonly GroupPart[];
}

export interface ExplainedGraph {
  readonly model: string;
  readonly phase: string;
  readonly weight: number;
  readonly microBatch: number;
  readonly microBatches: number;
  readonly operations: readonly RanOperation[];
  /** Step of one phase and its parts, a row of OUTPUTS without its weight. */
  readonly parts: Float64Array;
  /** The simulator's state after this graph: what a timeline is drawn from. */
  readonly state: State;
}

/** Parts of a group's collective over the dimensions that it spans. */
function partsOf(s: State, collective: Collective, group: Group): GroupPart[] {
  return [0, 1, 2, 3].flatMap((dimension) => {
    const npus = s.groupFactor[GROUP[group] * 4 + dimension]!;
    return npus > 1 ? [{ dimension, npus, algorithm: algorithmOf(s, COLLECTIVE[collective], dimension) }] : [];
  });
}

function scaled(s: State, [coefficient, scale]: Operation['flops']): number {
  return coefficient * s.scales[SCALE[scale]]! * 1e-6;
}

function trafficOf(s: State, { input, output, weight }: Operation): number {
  return scaled(s, input) + scaled(s, output) + scaled(s, weight);
}

/** What a product reads and what it writes, MB. */
function shapeOf(s: State, { input, output, weight, result }: Operation): [operandMB: number, resultMB: number] {
  const [written, other] = result === 'output' ? [output, weight] : [weight, output];
  return [scaled(s, input) + scaled(s, other), scaled(s, written)];
}

const isShaped = (s: State, { rate }: Operation): boolean => s.shaped && rate !== 'elementwise';

function operationUs(s: State, op: Operation): number {
  const mflop = scaled(s, op.flops);
  if (!isShaped(s, op)) return rooflineUs(s, RATE[op.rate], mflop, trafficOf(s, op));
  const fill = fillMflop(s, RATE[op.rate], scaled(s, op.weight));
  return productUs(s, RATE[op.rate], mflop, fill, ...shapeOf(s, op), scaled(s, op.quantized));
}

/** Is arithmetic the longer side of the roofline, with the efficiencies that it has? */
function isArithmetic(s: State, op: Operation): boolean {
  const rate = RATE[op.rate];
  const mflop = scaled(s, op.flops);
  if (!isShaped(s, op)) return rooflineUs(s, rate, mflop, 0) > rooflineUs(s, rate, 0, trafficOf(s, op));
  const [operandMB, resultMB] = shapeOf(s, op);
  const fill = fillMflop(s, rate, scaled(s, op.weight));
  return arithmeticUs(s, rate, mflop, fill, resultMB) > trafficUs(s, rate, operandMB, resultMB);
}

function explainOperation(s: State, section: Section, op: Operation, startUs: number, endUs: number): RanOperation {
  const communicates = op.kind === 'collective';
  const mflop = scaled(s, op.flops);
  const trafficMB = trafficOf(s, op);
  return {
    section,
    name: op.name,
    kind: op.kind,
    startUs,
    endUs,
    gflop: mflop * 1e-3,
    sizeMB: trafficMB,
    bound: communicates ? 'network' : isArithmetic(s, op) ? 'arithmetic' : 'memory',
    collective: communicates ? op.collective : undefined,
    group: communicates ? op.group : undefined,
    parts: communicates ? partsOf(s, op.collective, op.group) : [],
  };
}

/** How often an operation runs in the mean of all layers. */
function shareOf(s: State, op: Operation): number {
  return isLayerAgain(op) ? s.againShare * op.share : op.share;
}

const WAIT = { none: waitNone, previous: waitPrevious, last: waitLast } as const;

/** Runs one step of a section again. */
function* replay(s: State, section: Section, step: Step): Generator<RanOperation> {
  if (step.kind === 'wait') {
    if (runs(step, s.flags)) WAIT[step.join](s);
    return;
  }
  for (const op of rowsOf(step)) {
    if (!runs(op, s.flags)) continue;
    if (step.kind === 'compute') {
      const startUs = s.computeUs;
      compute(s, shareOf(s, op) * operationUs(s, op));
      yield explainOperation(s, section, op, startUs, s.computeUs);
    } else if (s.callUs[step.call]! > 0) {
      // What travels beside another micro-batch has the section for it from its beginning.
      const beside = travelsBeside(s, s.callChannel[step.call]! % CHANNEL_GROUPS);
      const startUs = beside ? s.besideUs : Math.max(s.computeUs, s.communicationUs);
      communicate(s, SECTION[section], step.call, shareOf(s, op), op.pipelined, false);
      yield explainOperation(s, section, op, startUs, beside ? s.besideUs : s.communicationUs);
    }
  }
}

/** Runs the sections again, operation by operation, with the calls that a simulation has timed. */
function* replaySections(s: State, { steps }: Lowering): Generator<RanOperation> {
  for (const section of SECTIONS) {
    startChain(s, SECTION[section]);
    for (const step of steps[section]) yield* replay(s, section, step);
  }
}

function explainGraph(
  workload: Workload,
  tiers: readonly number[],
  design: Float64Array,
  graph: number,
): ExplainedGraph {
  const s = createState(workload, tiers, graph);
  simulateGraph(s, design);
  const operations = [...replaySections(s, lower(workload.phases[graph]!))];
  const { model, phase, weight } = workload.phases[graph]!;
  const { microBatch, microBatches } = s;
  return { model, phase, weight, microBatch, microBatches, operations, parts: s.parts, state: s };
}

/**
 * Runs a design once more and tells what each operation and collective of each graph took.
 *
 * @example
 * const [graph] = explain(space.workload, space.tiers, design);
 * graph.operations.filter((op) => op.bound === 'network');
 * @throws CosmicError ARGUMENT in another profile: see operationTables
 */
export function explain(workload: Workload, tiers: readonly number[], design: Float64Array): ExplainedGraph[] {
  requireProfile(workload, 'default');
  return workload.phases.map((_, graph) => explainGraph(workload, tiers, design, graph));
}
