/** A file of nested settings (TOML, JSON, YAML) as settings by their dotted paths, and changes of single places in it. */
import { CosmicError } from '../../../psa/errors.js';
import type { ConfigurationFile, Setting, SettingChange } from '../configurationFile.js';
import { applyEdits, type Edit, lineStart } from '../shell/edits.js';
import type { Span } from '../shell/fields.js';

/** A setting with the places of its value, and of all that says it. */
export interface Leaf {
  /** `training.seq_len`. */
  readonly name: string;
  /** Texts of its value, or of the elements of a list. */
  readonly values: readonly string[];
  readonly value: Span;
  /** From its key to the end of its value. */
  readonly entry: Span;
  readonly line: number;
}

/** How a syntax writes what is new. */
export interface TreeSyntax {
  /** A value: a list where it is one in this syntax's files. */
  readonly value: (name: string, values: readonly string[]) => string;
  /** Takes an entry out. */
  readonly removed: (text: string, leaf: Leaf) => Edit;
  /** Puts a setting in, which the file does not have yet. */
  readonly inserted: (text: string, leaves: readonly Leaf[], name: string, value: string) => Edit;
  /** The settings of a text. */
  readonly leaves: (text: string) => readonly Leaf[];
}

export class TreeFile implements ConfigurationFile {
  readonly settings: ReadonlyMap<string, Setting>;

  constructor(
    readonly file: string,
    readonly text: string,
    readonly leaves: readonly Leaf[],
    readonly syntax: TreeSyntax,
    readonly npus: number | undefined,
    readonly notes: readonly string[] = [],
    isThere: (leaf: Leaf) => boolean = () => true,
  ) {
    this.settings = new Map(
      leaves
        .filter(isThere)
        .map(({ name, values, line }) => [
          name,
          { name, values: values.map((text) => ({ text })), place: { file, line } },
        ]),
    );
  }

  edited(changes: readonly SettingChange[]): string {
    const added: [string, string][] = [];
    const edits = changes.flatMap(({ name, values }): Edit[] => {
      const leaf = this.leaves.find((one) => one.name === name);
      if (values === undefined) return leaf === undefined ? [] : [this.syntax.removed(this.text, leaf)];
      const value = this.syntax.value(name, values);
      if (leaf !== undefined) return [{ ...leaf.value, text: value }];
      added.push([name, value]);
      return [];
    });
    // One after another: the first may open the table of the next.
    return added.reduce(
      (text, [name, value]) => applyEdits(text, [this.syntax.inserted(text, this.syntax.leaves(text), name, value)]),
      applyEdits(this.text, edits),
    );
  }
}

/** A value that stands there as it is, or in quotes. */
export function literalOf(text: string): string {
  const bare = /^(-?\d+(\.\d+)?([eE][-+]?\d+)?|true|false)$/.test(text);
  return bare ? text : JSON.stringify(text);
}

/** The lines of a span, with the newline behind them. */
export function wholeLines(text: string, { start, end }: Span): Span {
  const newline = text.indexOf('\n', end);
  return { start: lineStart(text, start), end: newline < 0 ? text.length : newline + 1 };
}

export function badSyntax(kind: string, message: string, file: string, line: number | undefined): CosmicError {
  return new CosmicError('SCHEMA', `this is no ${kind}: ${message}`, {
    file,
    ...(line === undefined ? {} : { line }),
    remedy: `correct the ${kind} at that line`,
  });
}

/** The path of the table around a setting, and its key in it. */
export function split(name: string): { table: string; key: string } {
  const dot = name.lastIndexOf('.');
  return { table: dot < 0 ? '' : name.slice(0, dot), key: name.slice(dot + 1) };
}
