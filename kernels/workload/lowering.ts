/**
 * An op graph as the steps that a simulation takes, made in this one place. The f64 planner and chain loop over
 * those that happen (segments.ts, stepTable.ts), the WGSL is printed from them (graphProgram.ts), and explanations replay them.
 */
import type { ModelPhase } from '../../psa/space.js';
import { type GraphHeader, headerOf } from './header.js';
import {
  CALL,
  CALL_COUNT,
  channelOf,
  GROUP,
  type Group,
  groupsOf,
  isCollective,
  JOIN,
  type Join,
  type Operation,
  WAITED_AS,
} from './operation.js';
import { LAYER_SECTIONS, type OpGraph, opGraph, SECTIONS, type Section } from './transformer.js';

/** Rows that compute with no wait between them: those that run add up to one segment of compute. */
export interface ComputeStep {
  readonly kind: 'compute';
  readonly rows: readonly Operation[];
  /** Its number in the graph. */
  readonly segment: number;
}

/** Compute waits for communication; `pending`: the groups of the collectives that may not have ended. */
export interface WaitStep {
  readonly kind: 'wait';
  readonly join: Join;
  readonly pending: readonly Group[];
  /** What a design must have for it; all others do not wait here. */
  readonly when: Operation['when'];
}

/** A collective, if its row runs and its group has several NPUs. */
export interface CommunicateStep {
  readonly kind: 'communicate';
  readonly row: Operation;
  /** Rows that send the same, kind, group and payload, are one call. */
  readonly call: number;
}

/** The rows of a step. */
export function rowsOf(step: Step): readonly Operation[] {
  if (step.kind === 'wait') return [];
  return step.kind === 'compute' ? step.rows : [step.row];
}

export type Step = ComputeStep | WaitStep | CommunicateStep;

/** The collectives of a layer, forward or backward, in one channel. */
export interface LayerChannel {
  readonly section: Section;
  readonly channel: number;
  readonly rows: readonly Operation[];
}

export interface Lowering {
  readonly header: GraphHeader;
  readonly steps: Readonly<Record<Section, readonly Step[]>>;
  /** The number of each call, and the rows that it stands for. */
  readonly calls: readonly (readonly [call: number, rows: readonly Operation[]])[];
  readonly layerChannels: readonly LayerChannel[];
  /** How many segments of compute there are. */
  readonly segments: number;
}

/** A workload of no phases has a network alone. */
export const NO_GRAPH: Lowering = {
  header: { integer: new Uint32Array(), real: new Float64Array() },
  steps: {
    embedForward: [],
    layerForward: [],
    headForward: [],
    headBackward: [],
    layerBackward: [],
    embedBackward: [],
  },
  calls: [],
  layerChannels: [],
  segments: 0,
};

function callKey({ collective, group, input }: Operation): string {
  return [collective, group, ...input].join(' ');
}

/** Groups in the order in which their collectives follow one another. */
function followed(pending: readonly Group[], group: Group): readonly Group[] {
  if (pending.at(-1) === group) return pending;
  // What compute waits for is shared out between the last collective and the one before (schedule/chain.ts).
  const waited = new Set([...pending, group].map((each) => WAITED_AS[GROUP[each]]));
  if (waited.size > 2) throw new Error('op graph: compute would wait for three groups at once');
  return [...pending, group];
}

/** Splits a section where compute may have to wait; rows between become one step. */
function lowerSection(
  rows: readonly Operation[],
  callOf: (row: Operation) => number,
  nextSegment: () => number,
): Step[] {
  const steps: Step[] = [];
  let pending: readonly Group[] = [];
  let waited: number = JOIN.last;
  let sum: Operation[] = [];
  const endSum = (): void => {
    if (sum.length > 0) steps.push({ kind: 'compute', rows: sum, segment: nextSegment() });
    sum = [];
  };
  for (const row of rows) {
    if (isCollective(row)) {
      endSum();
      steps.push({ kind: 'communicate', row, call: callOf(row) });
      pending = followed(pending, row.group);
      waited = -1;
      continue;
    }
    if (row.when.contextRing) {
      // Beside a ring: where there is none, the next row waits as if this one were not there.
      endSum();
      steps.push({ kind: 'wait', join: row.join, pending, when: { contextRing: true } });
    } else if (JOIN[row.join] > waited) {
      endSum();
      steps.push({ kind: 'wait', join: row.join, pending, when: {} });
      waited = JOIN[row.join];
      if (row.join === 'last') pending = [];
    }
    sum.push(row);
  }
  endSum();
  if (pending.length > 0) steps.push({ kind: 'wait', join: 'last', pending, when: {} });
  return steps;
}

function lowerGraph(graph: OpGraph, header: GraphHeader): Lowering {
  const collectives = SECTIONS.flatMap((section) => graph[section].filter(isCollective));
  const groups = groupsOf(collectives, callKey);
  if (CALL.rows + groups.length > CALL_COUNT) throw new Error('op graph: too many different collectives');
  const calls = new Map(groups.map(([key], i) => [key, CALL.rows + i]));
  let segments = 0;
  const lower = (section: Section): Step[] =>
    lowerSection(
      graph[section],
      (row) => calls.get(callKey(row))!,
      () => segments++,
    );
  const steps = Object.fromEntries(SECTIONS.map((section) => [section, lower(section)])) as Record<Section, Step[]>;
  const layerChannels = LAYER_SECTIONS.flatMap((section) =>
    groupsOf(graph[section].filter(isCollective), channelOf).map(([channel, rows]) => ({ section, channel, rows })),
  );
  return {
    header,
    steps,
    calls: groups.map(([key, rows]) => [calls.get(key)!, rows] as const),
    layerChannels,
    segments,
  };
}

/** A command looks at its model several times: at a design, at those near it, at what they keep. */
const lowered = new WeakMap<ModelPhase, Lowering>();

function lowerWhole(phase: ModelPhase): Lowering {
  const known = lowered.get(phase);
  if (known !== undefined) return known;
  const graph = opGraph(phase);
  const lowering = lowerGraph(graph, headerOf(phase, graph));
  lowered.set(phase, lowering);
  return lowering;
}

/**
 * The lowered op graph of a model in one phase.
 *
 * @param rowsOf what of a section's rows is to be lowered; all of them unless given
 * @example
 * lower(space.workload.phases[0]).steps.layerForward; // [{ kind: 'compute', … }, { kind: 'communicate', … }, …]
 */
export function lower(phase: ModelPhase, rowsOf?: (rows: readonly Operation[]) => readonly Operation[]): Lowering {
  if (rowsOf === undefined) return lowerWhole(phase);
  const graph = opGraph(phase);
  const rows = Object.fromEntries(SECTIONS.map((section) => [section, rowsOf(graph[section])])) as OpGraph;
  return lowerGraph(rows, headerOf(phase, graph));
}
