import type { CST, Document, LineCounter, YAMLMap } from 'yaml';
import { CosmicError, excerpt } from './errors.js';
import { yaml } from './yaml.js';
import { plainYamlError } from './yamlWords.js';

/** Where a value came from, for error messages: a line of a file, or an argument of the command line. */
export interface Place {
  /** The file, or the argument as typed (`--set workload.dp=0`). */
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
}

export type Path = readonly (string | number)[];

/** A file as it was read: what a program needs that is to read it again where the file is gone. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/** A YAML file as plain data, with the line of each value. */
export interface SourceDocument extends SourceText {
  readonly data: unknown;
  /** Of a preset that was prepared: what the schema of its kind has made of it. */
  readonly checked?: { readonly kind: string; readonly file: unknown };
  /** Place of the value at a path, or of its nearest parent that the file has. */
  place(path: Path): Place;
  /** Place of a key in the mapping at a path. */
  keyPlace(path: Path, key: string): Place;
}

function nodeAt(document: Document, path: Path): unknown {
  return path.length === 0 ? document.contents : document.getIn(path, true);
}

function lineOf(lines: LineCounter, node: unknown): number | undefined {
  if (!yaml().isNode(node) || !node.range) return undefined;
  return lines.linePos(node.range[0]).line;
}

function syntaxError(message: string, place: Place): CosmicError {
  return new CosmicError('YAML_SYNTAX', `the file is not valid YAML: ${message}`, {
    ...place,
    remedy: 'correct the YAML at that line; look at indentation, colons and brackets',
  });
}

/**
 * Reads YAML text, keeping line numbers.
 *
 * @param file name for error messages
 * @throws CosmicError YAML_SYNTAX with the line
 */
export function parseSource(text: string, file: string): SourceDocument {
  const lines = new (yaml().LineCounter)();
  const at = (offset: number): Place => ({ file, line: lines.linePos(offset).line });
  const document = composed(text, lines, at);
  checkNodes(document, at);
  const place = (path: Path): Place => {
    for (let length = path.length; length >= 0; length--) {
      const line = lineOf(lines, nodeAt(document, path.slice(0, length)));
      if (line !== undefined) return { file, line };
    }
    return { file, line: 1 };
  };
  const keyPlace = (path: Path, key: string): Place => {
    const { isMap, isScalar } = yaml();
    const map = nodeAt(document, path);
    const pair = isMap(map) ? map.items.find(({ key: node }) => isScalar(node) && node.value === key) : undefined;
    const line = lineOf(lines, pair?.key);
    return line === undefined ? place(path) : { file, line };
  };
  return { file, text, data: toData(document, at), place, keyPlace };
}

/** Brackets within brackets, or blocks within blocks: more than any file needs, less than any recursion minds. */
const MOST_NESTED = 32;

/** The first token that lies too deep. */
function tooDeep(document: CST.Token): CST.Token | undefined {
  const waiting: { token: CST.Token; depth: number }[] = [{ token: document, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, depth } = next;
    if (depth > MOST_NESTED) return token;
    const parts = 'items' in token ? token.items.flatMap(({ key, value }) => [key, value]) : [];
    const inner = token.type === 'document' ? [token.value] : parts;
    for (const part of inner) if (part) waiting.push({ token: part, depth: depth + 1 });
  }
  return undefined;
}

/** The tokens of a text, up to the first that is wrong. */
function tokensOf(text: string, lines: LineCounter, at: (offset: number) => Place): CST.Token[] {
  const tokens: CST.Token[] = [];
  try {
    for (const token of new (yaml().Parser)(lines.addNewLine).parse(text)) {
      if (token.type === 'error') throw syntaxError(token.message, at(token.offset));
      tokens.push(token);
    }
  } catch (error) {
    if (error instanceof RangeError) throw syntaxError('it is nested too deep', at(0));
    throw error;
  }
  return tokens;
}

function composed(text: string, lines: LineCounter, at: (offset: number) => Place): Document.Parsed {
  const tokens = tokensOf(text, lines, at);
  for (const token of tokens) {
    const deep = tooDeep(token);
    if (deep !== undefined) throw syntaxError(`it is nested more than ${MOST_NESTED} deep`, at(deep.offset));
  }
  const composer = new (yaml().Composer)({ prettyErrors: false, uniqueKeys: false });
  const [document, another] = composer.compose(tokens, true, text.length);
  const problem = document?.errors[0] ?? document?.warnings[0];
  if (problem !== undefined) throw syntaxError(plainYamlError(problem.message, 'YAML'), at(problem.pos[0]));
  if (another !== undefined) throw syntaxError('there are several documents in it', at(another.range[0]));
  return document as Document.Parsed;
}

/** Tags of what JSON has too. Others (sets, dates) make something of a value that no parameter is. */
const PLAIN_TAGS = ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`);

/** Each alias is looked for in the whole file. */
const MOST_ALIASES = 64;

/** What the composer lets pass: keys that repeat, tags, and aliases of nothing or of what they stand in. */
function checkNodes(document: Document.Parsed, at: (offset: number) => Place): void {
  const { isAlias, isMap, isNode, visit } = yaml();
  let aliases = 0;
  visit(document, (_, node, path) => {
    if (!isNode(node)) return;
    const complain = (message: string) => syntaxError(message, at(node.range?.[0] ?? 0));
    if (isMap(node)) checkKeys(node, at);
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined) throw complain(`*${node.source} stands for nothing`);
      if (path.includes(target)) throw complain(`*${node.source} stands for what it is in`);
      if (++aliases > MOST_ALIASES) throw complain(`it has more than ${MOST_ALIASES} aliases`);
    } else if (node.tag !== undefined && !PLAIN_TAGS.includes(node.tag)) {
      throw complain(`the tag '${excerpt(node.tag)}' is not known here`);
    }
  });
}

function checkKeys(map: YAMLMap, at: (offset: number) => Place): void {
  const { isNode, isScalar } = yaml();
  const known = new Set<unknown>();
  for (const { key } of map.items) {
    const place = at((isNode(key) && key.range?.[0]) || 0);
    if (!isScalar(key)) throw syntaxError('a key is no name', place);
    if (known.has(key.value)) {
      throw syntaxError(`keys are to be unique: '${excerpt(String(key.value))}' repeats`, place);
    }
    known.add(key.value);
  }
}

function toData(document: Document.Parsed, at: (offset: number) => Place): unknown {
  try {
    return document.toJS();
  } catch {
    const { visit } = yaml();
    let first = 0;
    visit(document, {
      Alias: (_, alias) => {
        first = alias.range?.[0] ?? 0;
        return visit.BREAK;
      },
    });
    throw new CosmicError('YAML_SYNTAX', 'the aliases of the file stand for too much', {
      ...at(first),
      remedy: 'write the values out instead of using YAML aliases',
    });
  }
}
