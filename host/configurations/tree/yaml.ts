/** YAML and JSON as settings: `yaml` has the place of every value. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { CosmicError } from '../../../psa/errors.js';
import { plainYamlError } from '../../../psa/yamlWords.js';
import { type Edit, lineStart } from '../shell/edits.js';
import { interpolated } from './interpolation.js';
import { badSyntax, type Leaf, literalOf, split, TreeFile, type TreeSyntax, wholeLines } from './treeFile.js';

/** In a mapping in braces, as all of JSON's are. */
interface YamlLeaf extends Leaf {
  readonly braces: boolean;
}

/** A value that is not there: nothing, or what a user has to fill in. */
const ABSENT = ['', 'null', '~', '???'];

function textOf(node: unknown): string {
  if (!isScalar(node)) return '';
  return node.value === null ? 'null' : String(node.value);
}

/** A text that is read: its document, and the lines of its places. */
interface Parsed {
  readonly document: Document;
  readonly lines: LineCounter;
}

/** What a node is, through an alias too. */
function target(node: unknown, { document }: Parsed): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

const MERGE = '<<';

/** Settings of mappings that a mapping takes over (`<<: *shared`), each where it stands there. */
function mergedLeaves(map: YAMLMap, path: readonly string[], parsed: Parsed): YamlLeaf[] {
  const values = map.items.filter(({ key }) => textOf(key) === MERGE).map(({ value }) => target(value, parsed));
  const maps = values.flatMap((value) => (isSeq(value) ? value.items.map((one) => target(one, parsed)) : [value]));
  return maps.filter(isMap).flatMap((one) => leavesOf(one, path, parsed));
}

/** The settings of a mapping: its own, and of those that it takes over the first of a name that it does not have itself. */
function leavesOf(map: YAMLMap, path: readonly string[], parsed: Parsed): YamlLeaf[] {
  const all = [...ownLeaves(map, path, parsed), ...mergedLeaves(map, path, parsed)];
  return all.filter(({ name }, i) => all.findIndex((one) => one.name === name) === i);
}

function ownLeaves(map: YAMLMap, path: readonly string[], parsed: Parsed): YamlLeaf[] {
  const items = map.items.filter(({ key }) => textOf(key) !== MERGE);
  return items.flatMap(({ key, value: written }): YamlLeaf[] => {
    const own = [...path, textOf(key)];
    const value = target(written, parsed);
    if (isMap(value) && value.items.length > 0) return leavesOf(value, own, parsed);
    const [start] = (key as Node).range!;
    const range = (written as Node | null)?.range ?? (key as Node).range!;
    return [
      {
        name: own.join('.'),
        values: isSeq(value) ? value.items.map(textOf) : [textOf(value)],
        value: { start: range[0], end: range[1] },
        entry: { start, end: range[1] },
        line: parsed.lines.linePos(start).line,
        braces: map.flow === true,
      },
    ];
  });
}

function resolved(leaves: readonly YamlLeaf[]): YamlLeaf[] {
  const own = new Map(leaves.map(({ name, values }) => [name, values[0]!]));
  return leaves.map((leaf) => ({ ...leaf, values: leaf.values.map((text) => interpolated(text, leaf.name, own)) }));
}

function indentOf(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, at)))![0];
}

/** Do blanks alone stand before a place in its line? */
function beginsLine(text: string, at: number): boolean {
  return /^[ \t]*$/.test(text.slice(lineStart(text, at), at));
}

/** Takes an entry in braces out, with the comma behind it or, of the last one, before it. */
function removedInBraces(text: string, { entry }: Leaf): Edit {
  const behind = /^\s*,[ \t]*\n?/.exec(text.slice(entry.end));
  if (behind !== null) {
    const start = beginsLine(text, entry.start) ? lineStart(text, entry.start) : entry.start;
    return { start, end: entry.end + behind[0].length, text: '' };
  }
  const before = /,?\s*$/.exec(text.slice(0, entry.start))!;
  return { start: before.index, end: entry.end, text: '' };
}

/** Nested mappings around a setting that have no sibling yet. */
function nested(name: string, value: string, quoted: boolean, indent: string): string {
  const keys = name.split('.').map((key) => (quoted ? JSON.stringify(key) : key));
  const last = keys.pop()!;
  if (quoted) return `${keys.map((key) => `${key}: {`).join(' ')} ${last}: ${value} ${'}'.repeat(keys.length)}`.trim();
  const outer = keys.map((key, depth) => `${indent}${'  '.repeat(depth)}${key}:\n`).join('');
  return `${outer}${indent}${'  '.repeat(keys.length)}${last}: ${value}\n`;
}

/** Behind the last entry of its mapping, or of the innermost mapping around it that there is. */
function insertedOne(text: string, leaves: readonly YamlLeaf[], name: string, value: string): Edit {
  for (let { table } = split(name); ; table = split(table).table) {
    const inside = (leaf: Leaf) => table === '' || leaf.name.startsWith(`${table}.`);
    const depth = table === '' ? 1 : table.split('.').length + 1;
    const siblings = leaves.filter((leaf) => inside(leaf) && leaf.name.split('.').length === depth);
    const last = siblings.at(-1);
    const rest = table === '' ? name : name.slice(table.length + 1);
    if (last?.braces === true) {
      const quoted = text[last.entry.start] === '"';
      const key = rest.includes('.')
        ? nested(rest, value, quoted, '')
        : `${quoted ? JSON.stringify(rest) : rest}: ${value}`;
      const newline = beginsLine(text, last.entry.start) ? `\n${indentOf(text, last.entry.start)}` : ' ';
      return { start: last.entry.end, end: last.entry.end, text: `,${newline}${key}` };
    }
    if (last !== undefined) {
      const { end } = wholeLines(text, last.entry);
      const newline = text[end - 1] === '\n' ? '' : '\n';
      return { start: end, end, text: `${newline}${nested(rest, value, false, indentOf(text, last.entry.start))}` };
    }
    if (table === '') {
      const newline = text === '' || text.endsWith('\n') ? '' : '\n';
      return { start: text.length, end: text.length, text: `${newline}${nested(name, value, false, '')}` };
    }
  }
}

function parsedOf(text: string): Parsed {
  const lines = new LineCounter();
  return { document: parseDocument(text, { lineCounter: lines }), lines };
}

/** JSON as DeepSpeed reads it (hjson): comments are blanks, every other letter stays where it is. */
function withoutComments(text: string): string {
  const strings = /"(?:\\.|[^"\\])*"|\/\/[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\//g;
  return text.replaceAll(strings, (found) => (found.startsWith('"') ? found : found.replaceAll(/[^\n]/g, ' ')));
}

const syntax = (clean: (text: string) => string): TreeSyntax => ({
  value: (_, values) => (values.length === 1 ? literalOf(values[0]!) : `[${values.map(literalOf).join(', ')}]`),
  removed: (text, leaf) =>
    (leaf as YamlLeaf).braces ? removedInBraces(text, leaf) : { ...wholeLines(text, leaf.entry), text: '' },
  inserted: (text, leaves, name, value) => insertedOne(text, leaves as readonly YamlLeaf[], name, value),
  leaves: (text) => {
    const parsed = parsedOf(clean(text));
    const { contents } = parsed.document;
    return isMap(contents) ? leavesOf(contents, [], parsed) : [];
  },
});

/**
 * Reads a YAML or JSON file.
 *
 * @param npusOf the job's NPUs, of its settings and its text
 * @throws CosmicError SCHEMA with the line
 */
export function readYaml(
  text: string,
  file: string,
  npusOf: (values: ReadonlyMap<string, string>, text: string) => number | undefined,
): TreeFile {
  const kind = /\.json$/.test(file) ? 'JSON' : 'YAML';
  const clean = kind === 'JSON' ? withoutComments : (own: string) => own;
  const parsed = parsedOf(clean(text));
  const { contents, errors } = parsed.document;
  const [error] = errors;
  if (error !== undefined) {
    const several = error.code === 'MULTIPLE_DOCS';
    const message = several ? 'it has several documents, of which one is the job' : plainYamlError(error.message, kind);
    throw badSyntax(kind, message, file, error.linePos?.[0].line);
  }
  if (!isMap(contents)) {
    const remedy = 'give a file of settings, each a name and its value';
    throw new CosmicError('SCHEMA', 'the file is no mapping of settings', { file, line: 1, remedy });
  }
  const leaves = resolved(leavesOf(contents, [], parsed));
  const values = new Map(leaves.map((leaf) => [leaf.name, leaf.values[0] ?? '']));
  const isThere = ({ values: own }: Leaf) => own.length !== 1 || !ABSENT.includes(own[0]!);
  return new TreeFile(file, text, leaves, syntax(clean), npusOf(values, text), [], isThere);
}

/** Settings as nested plain data. */
export function nestedData(settings: readonly { name: string; values: readonly string[] }[]): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const { name, values } of settings) {
    const keys = name.split('.');
    const last = keys.pop()!;
    let table = root;
    for (const key of keys) {
      table[key] ??= {};
      table = table[key] as Record<string, unknown>;
    }
    const typed = values.map((value) => {
      const literal = literalOf(value);
      return literal === value ? (JSON.parse(value) as unknown) : value;
    });
    table[last] = typed.length === 1 ? typed[0] : typed;
  }
  return root;
}
