import Table from 'cli-table3';
import { colors } from './colors.js';

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

export interface Column {
  readonly heading: string;
  /** Numbers go to the right. */
  readonly align: 'left' | 'right';
}

export function left(heading: string): Column {
  return { heading, align: 'left' };
}

export function right(heading: string): Column {
  return { heading, align: 'right' };
}

/** A table without lines, its headings bold on a terminal. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: columns.map(({ heading }) => colors.bold(heading)),
    colAligns: columns.map(({ align }) => align),
    chars: LIGHT,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 1 },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
