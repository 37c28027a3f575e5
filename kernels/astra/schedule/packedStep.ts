/** The stages of a step of one micro-batch as words that the WGSL schedule reads: what designs of one shape share. */
import type { Pieces } from '../graph/pieces.js';
import { GATHERS } from '../graph/rows.js';
import { headStageOf, type Shape } from '../graph/shape.js';
import { firstSendRow, receiverOf, SENDS, type StageGraphs } from '../graph/stageGraph.js';
import { type Nodes, SLOTS } from './nodes.js';
import { GROUPS, type StepTimes } from './stage.js';
import {
  ELAPSED,
  ELAPSED_TIMES,
  knownWords,
  NODE_BIT,
  STAGE_STATE,
  STAGE_STATE_WORDS,
  STEP,
  STEP_GRAPH,
  STEP_GRAPH_WORDS,
  STEP_RESULT,
  STEP_STAGE,
  STEP_STAGE_WORDS,
  STEP_WORDS,
  snapshotWords,
  WAITS_BITS,
  WORD,
} from './stepLayout.js';

const upToWord = (bits: number): number => WORD * Math.ceil(bits / WORD);
const widthOf = (rows: number): number => 2 ** Math.ceil(Math.log2(upToWord(rows)));

/** A graph whose layers begin with words. The order of its nodes is the same. */
class WordedGraph {
  readonly width: number;
  readonly firstLayer: number;
  /** Own ones, with those that fill up. */
  readonly count: number;

  constructor(readonly nodes: Nodes) {
    const { span, pieces } = nodes.graph;
    this.width = widthOf(pieces.layer.rows.length);
    this.firstLayer = upToWord(span.firstLayer);
    this.count = this.numberOf(nodes.graph.nodes);
  }

  numberOf(node: number): number {
    const { span, pieces } = this.nodes.graph;
    if (node < span.firstLayer) return node;
    const rows = pieces.layer.rows.length;
    const place = node - span.firstLayer;
    const layer = Math.min(span.layers, Math.floor(place / rows));
    return this.firstLayer + place + layer * (this.width - rows);
  }

  /** What the state of a stage begins with, and where it has the bits of slots and those of their words. */
  image(): Image {
    const { graph, slots } = this.nodes;
    const waitsWords = Math.ceil((this.count * WAITS_BITS) / WORD);
    const bitWords = Math.ceil(this.count / WORD);
    const tops = Math.ceil(bitWords / WORD);
    const bits = [waitsWords, waitsWords + bitWords];
    const topsAt = [waitsWords + SLOTS * bitWords, waitsWords + SLOTS * bitWords + tops];
    const words = new Uint32Array(topsAt[1]! + tops);
    const sources = [0, 0];
    const set = (at: number, bit: number) => {
      words[at + Math.floor(bit / WORD)]! |= 1 << (bit % WORD);
    };
    for (let node = 0; node < graph.nodes; node++) {
      const number = this.numberOf(node);
      const firstBit = number * WAITS_BITS;
      words[Math.floor(firstBit / WORD)]! |= graph.waits[node]! << (firstBit % WORD);
      if (graph.waits[node]! > 0) continue;
      const slot = slots[node]!;
      sources[slot]!++;
      set(bits[slot]!, number);
      set(topsAt[slot]!, Math.floor(number / WORD));
    }
    return { words, bits, topsAt, tops, sources };
  }

  /** Of each own node and, behind them, of each that is received; and what waits for them. */
  nodeWords(): { words: Uint32Array; successors: number[] } {
    const { graph, slots, leaves, updates, groups, marks, gatherOf } = this.nodes;
    const successors = Array.from(graph.successors, (node) => this.numberOf(node));
    const words = new Uint32Array(2 * (this.count + graph.rowOf.length - graph.nodes));
    for (let node = 0; node < graph.rowOf.length; node++) {
      const row = graph.rowOf[node]!;
      const own = node < graph.nodes;
      const first = graph.firstSuccessor[node]!;
      const at = 2 * (own ? this.numberOf(node) : this.count + node - graph.nodes);
      words[at] =
        (row << NODE_BIT.row) |
        ((own ? gatherOf[node]! : 0) << NODE_BIT.gather) |
        ((own ? slots[node]! : 0) << NODE_BIT.slot) |
        ((own ? leaves[node]! : 0) << NODE_BIT.leaves) |
        (updates[row]! << NODE_BIT.updates) |
        (groups[row]! << NODE_BIT.group) |
        (marks[row]! << NODE_BIT.mark) |
        ((graph.firstSuccessor[node + 1]! - first) << NODE_BIT.successors);
      words[at + 1] = first;
    }
    return { words, successors };
  }
}

interface Image {
  readonly words: Uint32Array;
  readonly bits: readonly number[];
  readonly topsAt: readonly number[];
  readonly tops: number;
  readonly sources: readonly number[];
}

/** A step's shape as words. */
export interface PackedStep {
  readonly words: Uint32Array;
  /** Of each design; a duration has two. */
  readonly stateWords: number;
  readonly durations: number;
  readonly stages: number;
  /** Stages whose rows have times of their own: one, or all. */
  readonly rowStages: number;
  /** First of the rows that are sends. */
  readonly sendRow: number;
}

interface PlacedGraph {
  readonly at: number;
  readonly imageWords: number;
}

class Packer {
  readonly words: number[] = new Array<number>(STEP_WORDS).fill(0);
  private readonly placed = new Map<Nodes, PlacedGraph>();

  append(words: ArrayLike<number>): number {
    const at = this.words.length;
    for (let i = 0; i < words.length; i++) this.words.push(words[i]!);
    return at;
  }

  graph(nodes: Nodes): PlacedGraph {
    const known = this.placed.get(nodes);
    if (known !== undefined) return known;
    const worded = new WordedGraph(nodes);
    const image = worded.image();
    const { words, successors } = worded.nodeWords();
    const successorsAt = this.append(successors);
    for (let i = 1; i < words.length; i += 2) words[i]! += successorsAt;
    const places = new Uint32Array(STEP_GRAPH_WORDS);
    places[STEP_GRAPH.nodes] = this.append(words);
    places[STEP_GRAPH.image] = this.append(image.words);
    places[STEP_GRAPH.imageWords] = image.words.length;
    places.set(image.bits, STEP_GRAPH.bits);
    places.set(image.topsAt, STEP_GRAPH.words);
    places[STEP_GRAPH.tops] = image.tops;
    places.set(image.sources, STEP_GRAPH.sources);
    places[STEP_GRAPH.firstLayer] = worded.firstLayer;
    places.set(nodes.ends.slice(1), STEP_GRAPH.ends);
    places[STEP_GRAPH.firstSum] = worded.numberOf(nodes.graph.span.firstSum);
    places[STEP_GRAPH.firstUpdate] = worded.numberOf(nodes.graph.span.firstUpdate);
    places[STEP_GRAPH.gathers] = nodes.gatherPlaces.length * nodes.graph.span.layers;
    places.set(nodes.gatherPlaces, STEP_GRAPH.gatherPlaces);
    nodes.graph.received.forEach((node, send) => {
      places[STEP_GRAPH.received + send] = node < 0 ? 0 : worded.count + node - nodes.graph.nodes;
    });
    const placed = { at: this.append(places), imageWords: image.words.length };
    this.placed.set(nodes, placed);
    return placed;
  }
}

/** The rows that gather weights in a layer. */
function gatherRows(pieces: Pieces): number[] {
  const { layer } = pieces;
  return GATHERS.flatMap((name) => layer.placeOf(name) ?? []).map((place) => pieces.firstRowOf(layer) + place);
}

/**
 * Packs a shape of one micro-batch.
 *
 * @param stagesAgree are all times but those of sends the same on every stage?
 */
export function packStep(shape: Shape, pieces: Pieces, graphs: StageGraphs<Nodes>, stagesAgree: boolean): PackedStep {
  const { stages } = shape;
  const packer = new Packer();
  const nodes = graphs.of(shape);
  const width = widthOf(pieces.layer.rows.length);
  const snapshot = knownWords(width);
  let stateWords = snapshot + snapshotWords(width);
  const head = headStageOf(shape);
  const records = nodes.flatMap((of, stage) => {
    const { at, imageWords } = packer.graph(of);
    const record = new Array<number>(STEP_STAGE_WORDS).fill(0);
    record[STEP_STAGE.graph] = at;
    record[STEP_STAGE.layers] = of.graph.span.layers;
    record[STEP_STAGE.expected] = of.graph.received.filter((node) => node >= 0).length;
    record[STEP_STAGE.outer] = Number(stage === 0 || stage === stages - 1 || stage === head);
    record[STEP_STAGE.state] = stateWords;
    for (let send = 0; send < SENDS; send++) record[STEP_STAGE.receivers + send] = receiverOf(shape, stage, send);
    stateWords += STAGE_STATE_WORDS + imageWords;
    return record;
  });
  const sendRow = firstSendRow(pieces);
  const rowStages = stagesAgree ? 1 : stages;
  const durations = rowStages * sendRow + stages * SENDS;
  const header: Record<keyof typeof STEP, number> = {
    stages,
    firstStage: packer.append(records),
    stateWords,
    durations,
    rowStride: stagesAgree ? 0 : sendRow,
    firstSend: rowStages * sendRow,
    sendStride: SENDS,
    sendRow,
    stagesAgree: Number(stagesAgree),
    gatherRows: 0,
    snapshot,
    slots: SLOTS,
    elapsedTimes: ELAPSED_TIMES,
    marks: STAGE_STATE.marks,
    width,
  };
  for (const [name, value] of Object.entries(header)) packer.words[STEP[name as keyof typeof STEP]] = value;
  gatherRows(pieces).forEach((row, i) => {
    packer.words[STEP.gatherRows + i] = row;
  });
  return { words: Uint32Array.from(packer.words), stateWords, durations, stages, rowStages, sendRow };
}

/**
 * Writes a design's durations, whole numbers of 64 bits (high, low): of the rows of one stage or all, then of each stage's sends.
 *
 * @param durationNs of each row on each stage
 * @param at of `words` the first, of 2 · durations
 */
export function packDurations(
  { stages, rowStages, sendRow }: PackedStep,
  durationNs: readonly Float64Array[],
  words: Uint32Array,
  at: number,
): void {
  let place = at;
  const put = (ns: number): void => {
    words[place++] = Math.floor(ns / 2 ** 32);
    words[place++] = ns;
  };
  for (let stage = 0; stage < rowStages; stage++) {
    for (let row = 0; row < sendRow; row++) put(durationNs[stage]![row]!);
  }
  for (let stage = 0; stage < stages; stage++) {
    for (let send = 0; send < SENDS; send++) put(durationNs[stage]![sendRow + send]!);
  }
}

/** The times of a step that has run on the device; undefined where the order of two events was not told. */
export function unpackTimes({ stages }: PackedStep, results: Uint32Array, at: number): StepTimes | undefined {
  if (results[at + STEP_RESULT.told] === 0) return undefined;
  const time = (place: number): number => results[at + place]! * 2 ** 32 + results[at + place + 1]!;
  const elapsed = (place: number): number => time(STEP_RESULT.elapsed + 2 * place);
  const last = {
    finishNs: elapsed(ELAPSED.now),
    computeNs: elapsed(ELAPSED.compute),
    updateNs: elapsed(ELAPSED.update),
    idleNs: elapsed(ELAPSED.idle),
    exposedNs: Array.from({ length: GROUPS }, (_, group) => elapsed(ELAPSED.exposed + group)),
  };
  return { last, computeNs: time(STEP_RESULT.allCompute) / stages };
}
