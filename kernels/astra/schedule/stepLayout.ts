/** Where the words of a step of one micro-batch lie that the WGSL schedule reads: places of its shape, its state and its results. */
import { GATHERS } from '../graph/rows.js';
import { SENDS } from '../graph/stageGraph.js';
import { SLOTS } from './nodes.js';
import { BACKWARD } from './passes.js';
import { KEPT } from './snapshot.js';
import { GROUPS } from './stage.js';

/** Places in the header. */
export const STEP = {
  stages: 0,
  firstStage: 1,
  /** Words of a design's state, and of its durations. */
  stateWords: 2,
  durations: 3,
  /** The duration of a row is at rowStride · stage + row, that of a send at firstSend + sendStride · stage + send. */
  rowStride: 4,
  firstSend: 5,
  sendStride: 6,
  /** First of the rows that are sends. */
  sendRow: 7,
  /** Are all times but those of sends the same on every stage? */
  stagesAgree: 8,
  /** The gathers of sharded weights of a layer; both 0 where there are none. */
  gatherRows: 9,
  /** Where a design's state has a stage at the end of a layer; see SNAPSHOT. */
  snapshot: 11,
  /** Lengths of loops, of which drivers are not told when they compile: they would write out each round. */
  slots: 12,
  elapsedTimes: 13,
  marks: 14,
  /** Nodes of a layer, with those that fill it up: a power of two. */
  width: 15,
} as const;
export const STEP_WORDS = 16;

/** Places of a stage: its graph, its layers, how many sends it gets, whether it is at an end or has the head, and where its sends go. */
export const STEP_STAGE = { graph: 0, layers: 1, expected: 2, outer: 3, state: 4, receivers: 5 } as const;
export const STEP_STAGE_WORDS = STEP_STAGE.receivers + SENDS;

/** Places of a graph, which has two words for each node. */
export const STEP_GRAPH = {
  nodes: 0,
  /** What the state of a stage begins with, and how many words of it: waits, by slots a bit for each node, and for each word of those. */
  image: 1,
  imageWords: 2,
  bits: 3,
  words: 5,
  /** Counts of words of the latter. */
  tops: 7,
  /** By slots, how many nodes are ready at first. */
  sources: 8,
  firstLayer: 10,
  /** By directions less 1, the place of the node in a layer with which a pass ends that. */
  ends: 11,
  /** Of the layers, one after another. */
  firstSum: 13,
  firstUpdate: 14,
  /** All gathers of weights, and the places of those of a layer. */
  gathers: 15,
  gatherPlaces: 16,
  received: 16 + GATHERS.length,
} as const;
export const STEP_GRAPH_WORDS = STEP_GRAPH.received + SENDS;

/** Where the first word of a node has its row, slot, group, what it is, its mark, and how many wait for it; the second one has the first of these. */
export const NODE_BIT = {
  row: 0,
  gather: 7,
  slot: 8,
  leaves: 9,
  updates: 10,
  group: 11,
  mark: 13,
  successors: 16,
} as const;

/** Bits. */
export const WORD = 32;

/** Bits of how many nodes one waits for. */
export const WAITS_BITS = 4;

/** Times of a stage that pass together; in the order of {@link Elapsed}. */
export const ELAPSED = { now: 0, compute: 1, update: 2, idle: 3, exposed: 4 } as const;
export const ELAPSED_TIMES = ELAPSED.exposed + GROUPS;

/** Places of a stage in a design's state, behind what its nodes are. Times have two words. */
export const STAGE_STATE = {
  /** Who stands for the stage, plus 1. */
  alike: 0,
  begun: 1,
  /** Has it run to its end, for itself and for those that it stands for? */
  done: 2,
  received: 3,
  /** Layers whose waits are to be written yet: behind the last one, the first, and one whose waits are theirs. */
  unwrittenEnd: 4,
  /** So many words are 0 before a step. */
  marks: 5,
  unwritten: 5,
  unwrittenLike: 6,
  gathersBegun: 7,
  computeFirst: 8,
  running: 9,
  ready: 11,
  starts: 13,
  ends: 17,
  elapsed: 21,
  forwardNs: 21 + 2 * ELAPSED_TIMES,
  backwardNs: 23 + 2 * ELAPSED_TIMES,
  sentNs: 25 + 2 * ELAPSED_TIMES,
} as const;
export const STAGE_STATE_WORDS = 27 + 2 * ELAPSED_TIMES;

/** Places of a stage at the end of a layer; in the order of {@link Snapshot}. */
export const SNAPSHOT = {
  /** Plus 1; 0 for none. */
  layer: 0,
  direction: 1,
  firstLayer: 2,
  layers: 3,
  computeFirst: 4,
  gathersBegun: 5,
  gathersEnded: 6,
  running: 7,
  rests: 9,
  at: 13,
  /** What has passed since. */
  took: 13 + 2 * ELAPSED_TIMES,
  /** Of each layer that is kept, and its update. */
  sums: 13 + 4 * ELAPSED_TIMES,
  /** What their nodes wait for, and by slots which are ready. */
  nodes: 13 + 4 * ELAPSED_TIMES + KEPT,
} as const;

export function snapshotWords(width: number): number {
  return SNAPSHOT.nodes + (KEPT * width * (WAITS_BITS + SLOTS)) / WORD;
}

/** Words of an entry into a layer besides what its nodes are: of each slot what runs and for how long yet, and which began first. */
export const ENTRY_SLOT_WORDS = 3 * SLOTS + 1;

/**
 * What is known of layers, by directions: whether anything is, the entry, what it leaves, how long it takes; two more entries, and what
 * had passed at the first of these.
 */
export function knownWords(width: number): number {
  const entry = (width * (WAITS_BITS + SLOTS)) / WORD + ENTRY_SLOT_WORDS;
  return 2 * entry + BACKWARD * (1 + entry + (width * WAITS_BITS) / WORD + 2 * ELAPSED_TIMES) + 2 * ELAPSED_TIMES;
}

/** Places of a workgroup: its shape among all, its first design and how many, where their states and durations begin. */
export const STEP_WORKGROUP = { step: 0, first: 1, count: 2, state: 3, durations: 4 } as const;
export const STEP_WORKGROUP_WORDS = 5;

/** Results of a design: times of the stage that ends last, of all stages' computation the sum, and 1 where the order of all events is told. */
export const STEP_RESULT = { elapsed: 0, allCompute: 2 * ELAPSED_TIMES, told: 2 * ELAPSED_TIMES + 2 } as const;
export const STEP_RESULT_WORDS = STEP_RESULT.told + 1;
