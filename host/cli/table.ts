import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import { colors } from './colors.js';
import { type Column, type FittedColumn, fitColumns } from './fitColumns.js';
import { lineWidth, visibleLength, wrapWords } from './terminal.js';

const LIGHT = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' ',
};

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
  const table = new Table({
    head: fitted.map((column) => heading(columns[column.place]!, column.width)),
    colAligns: fitted.map(({ place }) => columns[place]!.align),
    rowAligns: ['bottom'],
    chars: LIGHT,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 1 },
  });
  table.push(...rows.map((row) => fitted.map((column) => shortened(row[column.place] ?? '', column.width))));
  const lines = table.toString().split('\n');
  return [...lines.map((line) => line.trimEnd()), ...leftOut(columns, fitted, width)].join('\n');
}

function heading({ heading: text }: Column, width: number): string {
  return wrapWords(text, width).map(colors.bold).join('\n');
}

function shortened(cell: string, width: number): string {
  return visibleLength(cell) <= width ? cell : `${stripVTControlCharacters(cell).slice(0, width - 1)}…`;
}

function leftOut(columns: readonly Column[], fitted: readonly FittedColumn[], width: number): string[] {
  const names = columns.filter((_, i) => fitted.every(({ place }) => place !== i)).map(({ heading: name }) => name);
  return names.length === 0 ? [] : wrapWords(`(a wider terminal has also: ${names.join(', ')})`, width);
}
