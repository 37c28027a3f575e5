/** What the times of a workload's rows are made of, as words that the WGSL simulator reads; see rowTimes.wgsl. */
import { MAX_DIMENSIONS } from '../../../psa/parameters.js';
import type { System } from '../collective/message.js';
import { DIMENSION_WORDS, doubleWords, PHASE_WORDS, PLAN_WORDS, wholeWords } from '../collective/planLayout.js';
import type { Pieces } from '../graph/pieces.js';
import { GROUP } from '../graph/rows.js';
import { headStageOf } from '../graph/shape.js';
import { firstSendRow, SEND, SENDS } from '../graph/stageGraph.js';
import { amountOf, quantitiesOf, type StgWorkload, shapeOf } from './rowTimes.js';

/** Places in the header of a workload; items follow, then the item of each row but for sends. */
export const ROWS_WORD = {
  /** Of the groups dp, tp, cp and pp. */
  degrees: 0,
  /** Stages whose times are told apart: all, or one where they agree. */
  stages: 4,
  rows: 5,
  items: 6,
  head: 7,
  sharded: 8,
  /** Times of a design. */
  durations: 9,
  /** Bytes of each send. */
  sends: 10,
} as const;
export const ROWS_WORDS = ROWS_WORD.sends + 2 * SENDS;

/** Places of a thread: its workload among all, its design and stage, where that design's times begin, and its scratch words. */
export const ROWS_THREAD = {
  rows: 0,
  design: 1,
  stage: 2,
  durations: 3,
  scratch: 4,
  scratchWords: 5,
  /** 1 where collectives may be other than flat rings. */
  events: 6,
} as const;
export const ROWS_THREAD_WORDS = 7;

/** Threads that share a workgroup. */
export const ROWS_WORKGROUP_SIZE = 16;

/**
 * Places of an item, which rows of the same amounts share: a collective of a group, whose amount is bytes, or a computation, whose amount
 * is a double of operations.
 */
export const ITEM_WORD = { group: 0, kind: 1, amount: 2, elements: 4 } as const;
export const ITEM_WORDS = 6;
export const NO_GROUP = 2 ** 32 - 1;

/** What comes of a design, the largest of its threads: times, what only the CPU can tell, or that the program comes to no end. */
export const ROWS_STATUS = { ends: 0, untold: 1, stop: 2 } as const;

/** Words of a thread's plan: its header, dimensions, and phases, of which an all-reduce passes the last dimension once. */
export const THREAD_PLAN_WORDS = PLAN_WORDS + MAX_DIMENSIONS * DIMENSION_WORDS + (2 * MAX_DIMENSIONS - 1) * PHASE_WORDS;

/** Words for the events of a collective: more than any takes whose NPUs are alike, up to 16 in a dimension. */
const EVENT_WORDS = 4096;

/** A workload's rows. */
export interface PackedRows {
  readonly workload: StgWorkload;
  readonly words: Uint32Array;
  /** Threads of a design. */
  readonly stages: number;
  readonly items: number;
  /** Times of a design, of two words each: of all stages' rows, then of each stage's sends. */
  readonly durations: number;
}

/** Designs of one workload, whose stages agree in all or in none. */
export interface RowTimesDesigns {
  readonly packed: PackedRows;
  readonly systems: readonly System[];
}

/** Do groups of a workload run something else than flat rings in some of the systems? */
export function hasEvents({ packed, systems }: RowTimesDesigns): boolean {
  const { dp, tp, cp } = packed.workload;
  return systems.some(({ dimensions, npus }) => {
    const [, second] = dimensions;
    const one = second === undefined || second.algorithms.includes(undefined);
    return [dp, tp, cp].some((degree) => degree > 1 && (one || degree === npus));
  });
}

/** Scratch words of a thread: its items' times, and what its collectives need. */
export function scratchWordsOf({ items, workload: { dp, tp, cp } }: PackedRows, events: boolean): number {
  return 2 * items + (events ? EVENT_WORDS : 2 * Math.max(dp, tp, cp));
}

/** The items of rows, those of the same words once. */
class Items {
  readonly words: number[] = [];
  private readonly known = new Map<string, number>();

  constructor(
    private readonly pieces: Pieces,
    private readonly quantities: Float64Array,
  ) {}

  get count(): number {
    return this.known.size;
  }

  of(row: number): number {
    const { collective, group, ops, size } = this.pieces.rows[row]!;
    const elements = amountOf(this.quantities, size);
    const words =
      collective === undefined
        ? [NO_GROUP, 0, ...doubleWords(amountOf(this.quantities, ops)), ...doubleWords(elements)]
        : [GROUP[group], collective, ...wholeWords(elements), 0, 0];
    const key = words.join(' ');
    const known = this.known.get(key);
    if (known !== undefined) return known;
    this.known.set(key, this.count);
    this.words.push(...words);
    return this.count - 1;
  }
}

/**
 * @param pieces those of the workload's flags
 * @param stagesAgree as {@link stagesAgree} says of the systems
 */
export function packRows(workload: StgWorkload, pieces: Pieces, stagesAgree: boolean): PackedRows {
  const { dp, tp, cp, pp, sharded } = workload;
  const quantities = quantitiesOf(workload);
  const rows = firstSendRow(pieces);
  const items = new Items(pieces, quantities);
  // The step begins with the embedding, so it is the first item.
  items.of(pieces.firstRowOf(pieces.embedding));
  const itemsOfRows = Array.from({ length: rows }, (_, row) => items.of(row));
  const stages = stagesAgree ? 1 : pp;
  const durations = stages * rows + SENDS * pp;
  const sendBytes = Object.keys(SEND).flatMap((name) => {
    const { size } = pieces.rows[pieces.firstRowOf(pieces.sends[name as keyof typeof SEND])]!;
    return wholeWords(amountOf(quantities, size));
  });
  const header = [
    dp,
    tp,
    cp,
    pp,
    stages,
    rows,
    items.count,
    headStageOf(shapeOf(workload)),
    Number(sharded),
    durations,
  ];
  const words = Uint32Array.from([...header, ...sendBytes, ...items.words, ...itemsOfRows]);
  return { workload, words, stages, items: items.count, durations };
}
