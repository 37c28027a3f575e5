import { stripVTControlCharacters } from 'node:util';
import { colors } from './colors.js';
import { type Column, type FittedColumn, fitColumns, GAP } from './fitColumns.js';
import { lineWidth, visibleLength, wrapWords } from './terminal.js';

export function left(heading: string, weight = 1): Column {
  return { heading, align: 'left', weight };
}

export function right(heading: string, weight = 1): Column {
  return { heading, align: 'right', weight };
}

/**
 * A table without lines, its headings bold on a terminal. No row is longer than a line: headings go on two lines, text is
 * shortened, and columns are left out, which a last line names.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = lineWidth(),
): string {
  const fitted = fitColumns(columns, rows, width);
  const headings = fitted.map(({ place, width: most }) => heading(columns[place]!, most));
  const height = Math.max(...headings.map(({ length }) => length));
  const lines = [
    ...Array.from({ length: height }, (_, i) => headings.map((parts) => parts[parts.length - height + i] ?? '')),
    ...rows.map((row) => fitted.map(({ place, width: most }) => shortened(row[place] ?? '', most))),
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

/** Its lines; where others have more, it stands at the bottom. */
function heading({ heading: text }: Column, width: number): string[] {
  return wrapWords(text, width).map(colors.bold);
}

function shortened(cell: string, width: number): string {
  return visibleLength(cell) <= width ? cell : `${stripVTControlCharacters(cell).slice(0, width - 1)}…`;
}

function leftOut(columns: readonly Column[], fitted: readonly FittedColumn[], width: number): string[] {
  const names = columns.filter((_, i) => fitted.every(({ place }) => place !== i)).map(({ heading: name }) => name);
  return names.length === 0 ? [] : wrapWords(`(a wider terminal has also: ${names.join(', ')})`, width);
}
