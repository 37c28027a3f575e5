import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { CosmicError } from './errors.js';
import { readText } from './files.js';

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
  /** Place of the value at a path, or of its nearest parent that the file has. */
  place(path: Path): Place;
  /** Place of a key in the mapping at a path. */
  keyPlace(path: Path, key: string): Place;
}

function nodeAt(document: Document, path: Path): unknown {
  return path.length === 0 ? document.contents : document.getIn(path, true);
}

function lineOf(lines: LineCounter, node: unknown): number | undefined {
  if (!isNode(node) || !node.range) return undefined;
  return lines.linePos(node.range[0]).line;
}

/**
 * Reads YAML text, keeping line numbers.
 *
 * @param file name for error messages
 * @throws CosmicError YAML_SYNTAX with the line
 */
export function parseSource(text: string, file: string): SourceDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new CosmicError('YAML_SYNTAX', `the file is not valid YAML: ${error.message}`, {
      file,
      line: lines.linePos(error.pos[0]).line,
      remedy: 'correct the YAML at that line; look at indentation, colons and brackets',
    });
  }
  const place = (path: Path): Place => {
    for (let length = path.length; length >= 0; length--) {
      const line = lineOf(lines, nodeAt(document, path.slice(0, length)));
      if (line !== undefined) return { file, line };
    }
    return { file, line: 1 };
  };
  const keyPlace = (path: Path, key: string): Place => {
    const map = nodeAt(document, path);
    const pair = isMap(map) ? map.items.find(({ key: node }) => isScalar(node) && node.value === key) : undefined;
    const line = lineOf(lines, pair?.key);
    return line === undefined ? place(path) : { file, line };
  };
  return { file, text, data: toData(document, file), place, keyPlace };
}

function toData(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw new CosmicError('YAML_SYNTAX', `the file's aliases cannot be resolved: ${(cause as Error).message}`, {
      file,
      remedy: 'write the values out instead of using YAML aliases',
    });
  }
}

/**
 * Reads a YAML file, keeping line numbers.
 *
 * @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE, YAML_SYNTAX
 */
export function readSource(file: string): SourceDocument {
  return parseSource(readText(file, 'give the path of a readable YAML file'), file);
}
