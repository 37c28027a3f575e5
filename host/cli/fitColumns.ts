/** Which columns of a table fit a line, and how wide each is. */
import { visibleLength, wrapWords } from './terminal.js';

/** Characters between two columns. */
export const GAP = 2;

/** Text that is cut down to less says nothing; of the first column, which names the row. */
const SHORTEST_TEXT = 16;
const SHORTEST_NAME = 40;

export interface Column {
  readonly heading: string;
  /** Numbers go to the right, and are never cut. */
  readonly align: 'left' | 'right';
  /** Where a line is too short for all columns, those of the least weight go first, from the right. */
  readonly weight: number;
}

/** A column that is shown. */
export interface FittedColumn {
  /** Its place among all columns. */
  readonly place: number;
  readonly width: number;
}

interface Widths {
  /** With its heading on one line and all cells whole. */
  readonly whole: number;
  /** With its heading on two lines, and text cut down; numbers stay whole. */
  readonly least: number;
}

/**
 * What fits: headings go on two lines, text is shortened, then columns of the least weight go, from the right. The first column
 * stays.
 */
export function fitColumns(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  lineWidth: number,
): FittedColumn[] {
  const widths = columns.map((column, place) => widthsOf(column, cellsOf(rows, place), place === 0));
  const shown = columns.map((_, place) => place);
  const needed = (kind: keyof Widths) => shown.reduce((sum, place) => sum + widths[place]![kind] + GAP, -GAP);
  if (needed('whole') <= lineWidth) return shown.map((place) => ({ place, width: widths[place]!.whole }));
  while (shown.length > 1 && needed('least') > lineWidth) shown.splice(shown.indexOf(lightest(columns, shown)), 1);
  return withRoom(shown, widths, columns, lineWidth - needed('least'));
}

const cellsOf = (rows: readonly (readonly string[])[], place: number): string[] => rows.map((row) => row[place] ?? '');

function widthsOf({ heading, align }: Column, cells: readonly string[], first: boolean): Widths {
  const content = Math.max(0, ...cells.map(visibleLength));
  const whole = Math.max(content, heading.length);
  const shortest = align === 'left' ? Math.min(content, first ? SHORTEST_NAME : SHORTEST_TEXT) : content;
  return { whole, least: Math.max(shortest, stackedWidth(heading)) };
}

/** The least width at which a heading takes two lines. */
function stackedWidth(heading: string): number {
  let width = Math.ceil(heading.length / 2);
  while (width < heading.length && !fitsTwoLines(heading, width)) width++;
  return width;
}

function fitsTwoLines(heading: string, width: number): boolean {
  const lines = wrapWords(heading, width);
  return lines.length <= 2 && lines.every((line) => line.length <= width);
}

/** The column of the least weight but for the first, of equal ones the rightmost. */
function lightest(columns: readonly Column[], shown: readonly number[]): number {
  const [, ...others] = shown;
  return others.reduce((least, place) => (columns[place]!.weight <= columns[least]!.weight ? place : least));
}

/** Shares out the room that is left, to text first; where there is less than none, a column is cut. */
function withRoom(
  shown: readonly number[],
  widths: readonly Widths[],
  columns: readonly Column[],
  room: number,
): FittedColumn[] {
  let left = room;
  const own = new Map<number, number>();
  for (const place of [...shown].sort((a, b) => Number(isText(columns[b]!)) - Number(isText(columns[a]!)))) {
    const { whole, least } = widths[place]!;
    const extra = Math.min(left, whole - least);
    own.set(place, least + extra);
    left -= extra;
  }
  return shown.map((place) => ({ place, width: own.get(place)! }));
}

const isText = ({ align }: Column): boolean => align === 'left';
