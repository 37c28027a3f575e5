/** TOML as settings: `toml-eslint-parser` has the place of every value. */
import { type AST, getStaticTOMLValue, ParseError, parseTOML } from 'toml-eslint-parser';
import type { Edit } from '../shell/edits.js';
import { badSyntax, type Leaf, literalOf, split, TreeFile, type TreeSyntax, wholeLines } from './treeFile.js';

function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map(String);
}

function leavesOf(prefix: readonly (string | number)[], body: readonly AST.TOMLKeyValue[]): Leaf[] {
  return body.flatMap(({ key, value, range, loc }): Leaf[] => {
    const path = [...prefix, ...key.keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value))];
    if (value.type === 'TOMLInlineTable') return leavesOf(path, value.body);
    return [
      {
        name: path.join('.'),
        values: texts(getStaticTOMLValue(value)),
        value: { start: value.range[0], end: value.range[1] },
        entry: { start: range[0], end: range[1] },
        line: loc.start.line,
      },
    ];
  });
}

function leaves(text: string): Leaf[] {
  const [table] = parseTOML(text).body;
  return table.body.flatMap((node) =>
    node.type === 'TOMLTable' ? leavesOf(node.resolvedKey, node.body) : leavesOf([], [node]),
  );
}

/** Behind the last setting of its table, or in a new table at the end. */
function inserted(text: string, all: readonly Leaf[], name: string, value: string): Edit {
  const { table, key } = split(name);
  const line = `${key} = ${value}\n`;
  const last = all.filter((leaf) => split(leaf.name).table === table).at(-1);
  if (last !== undefined) {
    const { end } = wholeLines(text, last.entry);
    return { start: end, end, text: `${text[end - 1] === '\n' ? '' : '\n'}${line}` };
  }
  const header = new RegExp(`^\\[${table.replaceAll('.', '\\.')}\\][^\\n]*(\\n|$)`, 'm').exec(text);
  if (header !== null) {
    const at = header.index + header[0].length;
    return { start: at, end: at, text: `${header[1] === '' ? '\n' : ''}${line}` };
  }
  return { start: text.length, end: text.length, text: `${text.endsWith('\n') ? '' : '\n'}\n[${table}]\n${line}` };
}

/** Names of settings: of those that are lists, and today's of those that had another. */
export interface TomlNames {
  readonly lists: ReadonlySet<string>;
  readonly renamed: ReadonlyMap<string, string>;
}

/** @param spelt what the file calls settings that have another name today */
function syntax(lists: ReadonlySet<string>, spelt: ReadonlyMap<string, string> = new Map()): TreeSyntax {
  return {
    value: (name, values) => {
      const all = values.map(literalOf);
      return lists.has(name) || all.length !== 1 ? `[${all.join(', ')}]` : all[0]!;
    },
    removed: (text, { entry }) => ({ ...wholeLines(text, entry), text: '' }),
    inserted: (text, all, name, value) => inserted(text, all, spelt.get(name) ?? name, value),
    leaves,
  };
}

/**
 * Reads a TOML file.
 *
 * @param names settings that are lists, and that had another name
 * @param npusOf the job's NPUs, of its settings
 * @throws CosmicError SCHEMA with the line
 */
export function readToml(
  text: string,
  file: string,
  { lists, renamed }: TomlNames,
  npusOf: (values: ReadonlyMap<string, string>) => number | undefined,
): TreeFile {
  try {
    const own = leaves(text);
    const all = own.map((leaf) => ({ ...leaf, name: renamed.get(leaf.name) ?? leaf.name }));
    const isOld = own.some(({ name }) => renamed.has(name));
    const spelt = new Map(isOld ? [...renamed].map(([before, now]) => [now, before]) : []);
    const values = new Map(all.map((leaf) => [leaf.name, leaf.values[0] ?? '']));
    return new TreeFile(file, text, all, syntax(lists, spelt), npusOf(values));
  } catch (error) {
    if (error instanceof ParseError) throw badSyntax('TOML', error.message, file, error.lineNumber);
    throw error;
  }
}

/** Settings as a TOML file, a table after another. */
export function printToml(
  settings: readonly { name: string; values: readonly string[] }[],
  lists: ReadonlySet<string>,
): string {
  const { value } = syntax(lists);
  const tables = [...new Set(settings.map(({ name }) => split(name).table))];
  return tables
    .map((table) => {
      const own = settings.filter(({ name }) => split(name).table === table);
      return `[${table}]\n${own.map(({ name, values }) => `${split(name).key} = ${value(name, values)}\n`).join('')}`;
    })
    .join('\n');
}
