/** The steps of a lowered graph that happen under some conditions, as flat arrays, for the f64 simulator to loop over. */
import { type CommunicateStep, type Lowering, NO_GRAPH, rowsOf } from './lowering.js';
import {
  CHANNEL_GROUPS,
  channelOf,
  GROUP,
  groupsOf,
  isNarrow,
  JOIN,
  KEPT_TENSORS,
  OFFLOADED_MODULES,
  type Operation,
  RATE,
  SCALE,
  type Term,
} from './operation.js';
import { droppingBits, isLayerAgain, keptParts } from './recomputation.js';
import { type Conditions, runs, segmentsOf, takesPlace } from './segments.js';
import { LAYER_SECTIONS, SECTIONS, type Section } from './transformer.js';

/** Terms, each a size in MFLOP or MB and its SCALE. */
export interface Terms {
  readonly size: Float64Array;
  readonly scale: Uint8Array;
}

/** Places of the terms of a work. */
export const TERM = { flops: 0, input: 1, output: 2, weight: 3, quantized: 4 } as const;
export const TERM_COUNT = 5;

/** Of each list, section i has what begins at its First[i], to where the next one begins; and so do segments their rows. */
export interface StepTable {
  readonly sectionFirst: Uint32Array;
  /** A call (its number from 1), if there is one; what compute then waits for (JOIN). */
  readonly segmentCall: Uint8Array;
  readonly segmentJoin: Uint8Array;
  /** 1 where nothing runs beside: compute that waits for nothing, or a call and then compute. */
  readonly segmentInTurn: Uint8Array;
  /** What compute waits for the call as: tp, sp or ep. */
  readonly segmentWaited: Uint8Array;
  /** How often the call runs in the mean of all layers. */
  readonly segmentShare: Float64Array;
  /** 1 where it runs with layers that are recomputed whole, and so of rows and collectives below. */
  readonly segmentAgain: Uint8Array;
  /** 1 where the call may travel in pieces beside products. */
  readonly segmentPipelined: Uint8Array;
  /** The rows that a segment computes, and what each is: many are the same work, such as norms, and what is recomputed. */
  readonly firstRow: Uint32Array;
  readonly rowWork: Uint16Array;
  /** A work: RATE, which TERM it writes, and TERM_COUNT terms each. */
  readonly workRate: Uint8Array;
  readonly workResult: Uint8Array;
  readonly workTerms: Terms;
  /** 1 where a row makes the gradient of a weight. */
  readonly rowGradient: Uint8Array;
  /** How often a row runs in the mean of all layers, and a collective. */
  readonly rowShare: Float64Array;
  readonly rowAgain: Uint8Array;
  /** The calls that collectives take place by, their channels and payloads. */
  readonly call: Uint8Array;
  readonly channel: Uint8Array;
  readonly payload: Terms;
  /** Each collective of a layer: its call, the place among the layer's channels that it adds to, and how often it runs. */
  readonly payloadCall: Uint8Array;
  readonly payloadPlace: Uint8Array;
  readonly payloadShare: Float64Array;
  readonly payloadAgain: Uint8Array;
  /** Groups that communicate in a section, as bits. */
  readonly sectionGroups: Uint32Array;
  /** What rows keep, 1 where it is dropped and recomputed. What a collective leaves is kept by a single NPU, too. */
  readonly savedFirst: Uint32Array;
  readonly saved: Terms;
  readonly savedDropped: Uint8Array;
  /** Its module among those that may lie on the host, counted from 1; 0 without one. */
  readonly savedModule: Uint8Array;
  /** Its tensor among those that a layer may keep that is recomputed whole, counted from 1; 0 without one. */
  readonly savedTensor: Uint8Array;
  /** 1 where it is kept in the number format of the design's products. */
  readonly savedNarrow: Uint8Array;
  /** The channels that the collectives of a layer use, and how often; those of layer i begin at layerFirst[i]. */
  readonly layerFirst: Uint32Array;
  readonly layerChannel: Uint8Array;
  readonly layerCount: Float64Array;
  /** How often of that with layers that are recomputed whole. */
  readonly layerAgain: Float64Array;
}

/** Where each of the lists begins that follow one another, and where the last one ends. */
function firstOf(lists: readonly (readonly unknown[])[]): Uint32Array {
  const first = new Uint32Array(lists.length + 1);
  for (const [i, list] of lists.entries()) first[i + 1] = first[i]! + list.length;
  return first;
}

/** A number of each item. Typed arrays' own `from` takes several times as long, and a random design has a table of its own. */
function listed<T, Numbers extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(
  into: new (length: number) => Numbers,
  from: readonly T[],
  value: (item: T) => number,
): Numbers {
  const numbers = new into(from.length);
  for (let i = 0; i < from.length; i++) numbers[i] = value(from[i]!);
  return numbers;
}

function bytes<T>(from: readonly T[], value: (item: T) => number): Uint8Array {
  return listed(Uint8Array, from, value);
}

function termsOf(terms: readonly Term[]): Terms {
  return {
    size: listed(Float64Array, terms, ([coefficient]) => coefficient * 1e-6),
    scale: bytes(terms, ([, scale]) => SCALE[scale]),
  };
}

/** How often rows run in the mean of all layers. */
function countOf(rows: readonly Operation[]): number {
  return rows.reduce((sum, { share }) => sum + share, 0);
}

/** The terms of a row that computes, as TERM has them. */
function workTermsOf({ flops, input, output, weight, quantized }: Operation): Term[] {
  return [flops, input, output, weight, quantized];
}

/** The module that a row's kept activations lie on the host with, counted from 1; those that are dropped do not. */
function moduleOf({ offloadedWith }: Operation): number {
  return offloadedWith === undefined ? 0 : 1 + OFFLOADED_MODULES.indexOf(offloadedWith);
}

/** The tensor that a layer which is recomputed whole may keep them as, counted from 1. */
function tensorOf({ keptWith }: Operation): number {
  return keptWith === undefined ? 0 : 1 + KEPT_TENSORS.indexOf(keptWith);
}

/** The rows of a graph that compute differently, and for each row the number of the one that takes as long. */
interface Works {
  readonly list: readonly Operation[];
  readonly numberOf: ReadonlyMap<Operation, number>;
}

function worksOf({ steps }: Lowering): Works {
  const rows = SECTIONS.flatMap((section) => steps[section].flatMap(rowsOf));
  const groups = groupsOf(rows, (row) => [row.rate, row.result, ...workTermsOf(row).flat()].join());
  return {
    list: groups.map(([, own]) => own[0]!),
    numberOf: new Map(groups.flatMap(([, own], number) => own.map((row) => [row, number] as const))),
  };
}

/** The works of some rows, as these come upon them, and the place among them of each row's. */
function ownWorks(rows: readonly Operation[], { list, numberOf }: Works) {
  const works: Operation[] = [];
  const places = new Uint16Array(list.length);
  const rowWork = listed(Uint16Array, rows, (row) => {
    const number = numberOf.get(row)!;
    places[number] ||= works.push(list[number]!);
    return places[number]! - 1;
  });
  return { works, rowWork };
}

/** What rows of each section keep if they run. */
type Kept = readonly (readonly Operation[])[];

function keptOf({ steps }: Lowering): Kept {
  return SECTIONS.map((section) =>
    steps[section]
      .flatMap(rowsOf)
      .filter((row) => row.saved[0] > 0)
      .flatMap(keptParts),
  );
}

/** Of a graph's sections, whose works and kept parts are known; see {@link StepTable}. */
function stepTable(
  { steps, layerChannels }: Lowering,
  { allWorks, kept }: { readonly allWorks: Works; readonly kept: Kept },
  conditions: Conditions,
): StepTable {
  const sections = SECTIONS.map((section) => segmentsOf(steps[section], conditions));
  const segments = sections.flat();
  const rows = segments.flatMap((segment) => segment.rows);
  const { works, rowWork } = ownWorks(rows, allWorks);
  const collectives = SECTIONS.flatMap((section) =>
    steps[section]
      .filter((step): step is CommunicateStep => step.kind === 'communicate' && takesPlace(step.row, conditions))
      .map(({ row, call }) => ({ section, row, call })),
  );
  const saving = kept.map((parts) => parts.filter((part) => runs(part, conditions.flags)));
  const saved = saving.flat();
  const channels = layerChannels
    .map(({ section, channel, rows }) => ({
      section,
      channel,
      count: countOf(rows.filter((row) => takesPlace(row, conditions))),
      again: countOf(rows.filter((row) => takesPlace(row, conditions) && isLayerAgain(row))),
    }))
    .filter(({ count }) => count > 0);
  const layerChannelOf = ({ section, row }: { section: Section; row: Operation }): number =>
    channels.findIndex((own) => own.section === section && own.channel === channelOf(row));
  const calls = collectives.filter(({ call }, i) => collectives.findIndex((other) => other.call === call) === i);
  const ofLayers = collectives.filter((collective) => layerChannelOf(collective) >= 0);
  const groupBits = (section: Section): number =>
    collectives.reduce((bits, own) => bits | (own.section === section ? 1 << GROUP[own.row.group] : 0), 0);
  return {
    sectionFirst: firstOf(sections),
    segmentCall: bytes(segments, ({ call }) => call),
    segmentJoin: bytes(segments, ({ join }) => join),
    segmentInTurn: bytes(segments, ({ call, join }) => (join === (call > 0 ? JOIN.last : JOIN.none) ? 1 : 0)),
    segmentWaited: bytes(segments, ({ waited }) => waited),
    segmentShare: listed(Float64Array, segments, ({ share }) => share),
    segmentAgain: bytes(segments, ({ again }) => (again ? 1 : 0)),
    segmentPipelined: bytes(segments, ({ pipelined }) => (pipelined ? 1 : 0)),
    firstRow: firstOf(segments.map((segment) => segment.rows)),
    rowWork,
    workRate: bytes(works, ({ rate }) => RATE[rate]),
    workResult: bytes(works, ({ result }) => TERM[result]),
    workTerms: termsOf(works.flatMap(workTermsOf)),
    rowGradient: bytes(rows, ({ weightGradient }) => (weightGradient ? 1 : 0)),
    rowShare: listed(Float64Array, rows, ({ share }) => share),
    rowAgain: bytes(rows, (row) => (isLayerAgain(row) ? 1 : 0)),
    call: bytes(calls, ({ call }) => call),
    channel: bytes(calls, ({ row }) => channelOf(row)),
    payload: termsOf(calls.map(({ row }) => row.input)),
    payloadCall: bytes(ofLayers, ({ call }) => call),
    payloadPlace: bytes(ofLayers, layerChannelOf),
    payloadShare: listed(Float64Array, ofLayers, ({ row }) => row.share),
    payloadAgain: bytes(ofLayers, ({ row }) => (isLayerAgain(row) ? 1 : 0)),
    sectionGroups: listed(Uint32Array, SECTIONS, groupBits),
    savedFirst: firstOf(saving),
    saved: termsOf(saved.map(({ saved: [size, scale], share }): Term => [share * size, scale])),
    savedDropped: bytes(saved, (row) => ((droppingBits(row) & conditions.flags) === 0 ? 0 : 1)),
    savedModule: bytes(saved, moduleOf),
    savedTensor: bytes(saved, tensorOf),
    savedNarrow: bytes(saved, (row) => (isNarrow(row) ? 1 : 0)),
    layerFirst: firstOf(LAYER_SECTIONS.map((section) => channels.filter((own) => own.section === section))),
    layerChannel: bytes(channels, ({ channel }) => channel),
    layerCount: listed(Float64Array, channels, ({ count }) => count),
    layerAgain: listed(Float64Array, channels, ({ again }) => again),
  };
}

/** What happens of no graph. */
export const NO_STEPS = stepTable(
  NO_GRAPH,
  { allWorks: worksOf(NO_GRAPH), kept: keptOf(NO_GRAPH) },
  { flags: 0, several: 0, overlaps: false },
);

/** Sets of groups that have channels. */
const GROUP_SETS = 2 ** CHANNEL_GROUPS;

/** A number for each set of conditions. */
function numberOf({ flags, several, overlaps }: Conditions): number {
  // Both together have more bits than a shift has.
  return 2 * (flags * GROUP_SETS + several) + (overlaps ? 1 : 0);
}

/** The tables of a graph, each made when the first design asks for it. */
export class StepTables {
  private readonly tables = new Map<number, StepTable>();

  private readonly rows: { readonly allWorks: Works; readonly kept: Kept };

  constructor(private readonly lowering: Lowering) {
    this.rows = { allWorks: worksOf(lowering), kept: keptOf(lowering) };
  }

  /** The table of the steps that happen. */
  under(conditions: Conditions): StepTable {
    const number = numberOf(conditions);
    let table = this.tables.get(number);
    if (table === undefined) {
      table = stepTable(this.lowering, this.rows, conditions);
      this.tables.set(number, table);
    }
    return table;
  }
}

const known = new WeakMap<Lowering, StepTables>();

/** The tables of a graph, the same ones for all who ask. */
export function tablesOf(lowering: Lowering): StepTables {
  const tables = known.get(lowering) ?? new StepTables(lowering);
  known.set(lowering, tables);
  return tables;
}
