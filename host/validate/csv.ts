import { parse } from 'csv-parse/sync';
import type { z } from 'zod';
import { CosmicError, excerpt } from '../../psa/errors.js';
import { readText } from '../../psa/files.js';
import { slipOf } from '../../psa/suggest.js';
import { keysOf, validatedValue } from '../../psa/validate.js';

/** A row of a CSV file, and where it stands. */
export interface CsvRow<Row> {
  readonly row: Row;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

interface RawRow {
  readonly record: Record<string, string>;
  readonly info: { readonly lines: number };
}

/** What may stand between cells: a comma, or what spreadsheets write where that is in numbers. */
const DELIMITERS = [',', ';', '\t'] as const;

const NAMES: Readonly<Record<string, string>> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs' };

/** The first line, without the byte order mark that spreadsheets write. */
const headingOf = (text: string): string => text.replace(/^\uFEFF/, '').split(/\r?\n/, 1)[0]!;

/** That of which the heading has most. */
function delimiterOf(text: string): string {
  const heading = headingOf(text);
  const count = (delimiter: string) => heading.split(delimiter).length;
  return DELIMITERS.reduce((best, one) => (count(one) > count(best) ? one : best));
}

function parseText(text: string, file: string): RawRow[] {
  const delimiter = delimiterOf(text);
  try {
    // Blanks are trimmed, but not the tabs that part cells.
    const trim = delimiter !== '\t';
    return parse<RawRow>(text, { columns: true, bom: true, trim, delimiter, skip_empty_lines: true, info: true });
  } catch (cause) {
    const { message, lines } = cause as Error & { lines?: number };
    throw new CosmicError('SCHEMA', `the file is not valid CSV: ${message}`, {
      file,
      ...(lines === undefined ? {} : { line: lines }),
      remedy: `give each line as many cells as the heading has, quoting those that contain ${NAMES[delimiter]}`,
    });
  }
}

/** Bytes of a table of measured rows. */
const MOST_BYTES = 2 ** 24;

function textOf(file: string): string {
  return readText(file, 'give the path of a readable CSV file', MOST_BYTES);
}

/**
 * The heading of a CSV file.
 *
 * @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE
 */
export function columnsOf(file: string): string[] {
  const text = textOf(file);
  return headingOf(text)
    .split(delimiterOf(text))
    .map((name) => name.trim());
}

/** A column that is a part of another's name is told from them, `seq_len` from `seq`; shorter parts are in many. */
const LEAST_PART = 3;

function columnRemedy(name: string, known: readonly string[]): string {
  const slip = slipOf(name, known);
  if (slip !== undefined) return `did you mean '${slip}'?`;
  if (/time|seconds/.test(name) && known.includes('iteration_s'))
    return 'the time of a step, in seconds, is iteration_s';
  const parts = (whole: string, part: string) => part.length >= LEAST_PART && whole.includes(part);
  const kin = known.filter((column) => parts(name, column) || parts(column, name));
  return kin.length === 0 ? `the columns are ${known.join(', ')}` : `did you mean ${kin.join(' or ')}?`;
}

/** @throws CosmicError SCHEMA at the heading, of a column that no row of the schema has, and of those that all need and none has */
function requireColumns(record: Readonly<Record<string, string>>, schema: z.ZodType, file: string): void {
  const { known, needed } = keysOf(schema);
  const at = { file, line: 1 };
  const strange = Object.keys(record).find((name) => !known.includes(name));
  if (known.length > 0 && strange !== undefined) {
    const remedy = columnRemedy(strange, known);
    throw new CosmicError('SCHEMA', `there is no column '${excerpt(strange)}'`, { ...at, remedy });
  }
  const missing = needed.filter((name) => record[name] === undefined);
  if (missing.length === 0) return;
  const columns = missing.length === 1 ? 'a column is' : 'columns are';
  throw new CosmicError('SCHEMA', `${columns} missing: ${missing.join(', ')}`, {
    ...at,
    remedy: `add ${missing.length === 1 ? 'it' : 'them'} to the heading`,
  });
}

/**
 * Reads a CSV file with a heading. Empty cells are undefined to the schema, all others text.
 *
 * @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE; SCHEMA and VALUE_OUT_OF_RANGE with the line and the cell
 */
export function readCsv<Row>(file: string, schema: z.ZodType<Row>): CsvRow<Row>[] {
  const rows = parseText(textOf(file), file);
  if (rows.length === 0) {
    throw new CosmicError('SCHEMA', 'the file has no rows', { file, remedy: 'add rows below the heading' });
  }
  requireColumns(rows[0]!.record, schema, file);
  return rows.map(({ record, info }) => {
    // Every column is there, so that an unknown one is refused even where it is empty.
    const cells = Object.fromEntries(
      Object.entries(record).map(([name, cell]) => [name, cell === '' ? undefined : cell]),
    );
    const row = validatedValue(schema, cells, record.id || 'row', { file, line: info.lines });
    return { row, file, line: info.lines };
  });
}
