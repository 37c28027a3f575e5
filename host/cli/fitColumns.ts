/** Which columns of a table fit a line, and how wide each is. */
import { visibleLength, wrapWords } from './terminal.js';

/** Characters between two columns. */
export const GAP = 2;

/** Text in narrower columns is hard to read; in the first one, which names the row. */
const NARROWEST_TEXT = 16;
const NARROWEST_NAME = 24;
/** Names are not broken, but for paths and the like that are longer. */
const LONGEST_WORD = 32;

export interface Column {
  readonly heading: string;
  /** Numbers go to the right, and are never broken; text goes on below itself. */
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
  /** With its heading on two lines, and text on as many as it takes. */
  readonly least: number;
}

/**
 * What fits: headings go on two lines, text on several, then columns of the least weight go, from the right. The first column
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
  const narrowest = align === 'left' ? narrowestText(cells, first ? NARROWEST_NAME : NARROWEST_TEXT) : content;
  return { whole, least: Math.max(Math.min(content, narrowest), stackedWidth(heading)) };
}

/** The least width, but for that of longer words. */
function narrowestText(cells: readonly string[], least: number): number {
  const words = cells.flatMap((cell) => cell.split(' ')).map(visibleLength);
  return Math.max(least, Math.min(LONGEST_WORD, Math.max(0, ...words)));
}

/** A heading where it has so much room: on one line, or on two that are as short as can be. */
export function headingLines(heading: string, width: number): string[] {
  return wrapWords(heading, width < heading.length ? Math.min(width, stackedWidth(heading)) : width);
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

/** Shares out the room that is left, to text first, and to numbers where it makes a heading whole; where there is less than none, a column is broken. */
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
    const more = whole - least;
    const extra = more <= left || isText(columns[place]!) ? Math.min(left, more) : Math.min(left, 0);
    own.set(place, Math.max(1, least + extra));
    left -= extra;
  }
  return shown.map((place) => ({ place, width: own.get(place)! }));
}

const isText = ({ align }: Column): boolean => align === 'left';
