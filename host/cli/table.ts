import { stripVTControlCharacters } from 'node:util';
import { colors } from './colors.js';
import { type Column, type FittedColumn, fitColumns, GAP, headingLines } from './fitColumns.js';
import { brokenLine, lineWidth, visibleLength, wrapWords } from './terminal.js';

export function left(heading: string, weight = 1): Column {
  return { heading, align: 'left', weight };
}

export function right(heading: string, weight = 1): Column {
  return { heading, align: 'right', weight };
}

/**
 * A table without lines, its headings bold on a terminal. No row is longer than a line: headings go on two lines, text goes on
 * below itself, and columns are left out, which a last line names.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = lineWidth(),
): string {
  const fitted = fitColumns(columns, rows, width);
  const lines = [
    ...stacked(
      fitted.map(({ place, width: most }) => headingLines(columns[place]!.heading, most).map(colors.bold)),
      'bottom',
    ),
    ...rows.flatMap((row) =>
      stacked(
        fitted.map(({ place, width: most }) => cellLines(row[place] ?? '', most)),
        'top',
      ),
    ),
  ];
  const aligns = fitted.map(({ place }) => columns[place]!.align);
  return [...aligned(lines, aligns), ...leftOut(columns, fitted, width)].join('\n');
}

/** Cells below one another, each column as wide as its widest cell. */
function aligned(lines: readonly (readonly string[])[], aligns: readonly Column['align'][]): string[] {
  const widths = aligns.map((_, i) => Math.max(...lines.map((line) => visibleLength(line[i]!))));
  const padded = (cell: string, i: number): string => {
    const room = ' '.repeat(widths[i]! - visibleLength(cell));
    return aligns[i] === 'left' ? cell + room : room + cell;
  };
  return lines.map((line) => line.map(padded).join(' '.repeat(GAP)).trimEnd());
}

/** Cells beside one another as lines, where those of fewer lines stand at the top or at the bottom. */
function stacked(cells: readonly (readonly string[])[], end: 'top' | 'bottom'): string[][] {
  const height = Math.max(...cells.map(({ length }) => length));
  const first = ({ length }: readonly string[]) => (end === 'top' ? 0 : height - length);
  return Array.from({ length: height }, (_, i) => cells.map((parts) => parts[i - first(parts)] ?? ''));
}

/** Broken between words, a word that is too long anywhere; without its colour, which would run into other columns. */
function cellLines(cell: string, width: number): string[] {
  if (visibleLength(cell) <= width) return [cell];
  const pieces = new RegExp(`.{1,${width}}`, 'gu');
  return brokenLine(stripVTControlCharacters(cell), width).flatMap((line) => line.match(pieces) ?? []);
}

function leftOut(columns: readonly Column[], fitted: readonly FittedColumn[], width: number): string[] {
  const names = columns.filter((_, i) => fitted.every(({ place }) => place !== i)).map(({ heading: name }) => name);
  return names.length === 0 ? [] : wrapWords(`(a wider terminal has also: ${names.join(', ')}; --json has all)`, width);
}
