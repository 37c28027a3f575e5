/** A shell script, or a file of arguments, as settings: the flags of the command that trains. */
import { CosmicError, excerpt } from '../../../psa/errors.js';
import type { ConfigurationFile, Setting, SettingChange } from '../configurationFile.js';
import { applyEdits, type Edit, insertion, joined, removal } from './edits.js';
import type { Variables } from './expand.js';
import { type Field, fieldsOf, levelOf, siteOf, spanOf, tailOf, unknownOf } from './fields.js';
import { jobNpus } from './jobSize.js';
import { type Call, walkScript } from './script.js';

/** A flag of the command with its values, once for each time that it is given. */
interface Occurrence {
  readonly name: string;
  readonly flag: Field;
  readonly values: readonly Field[];
}

const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length;

/** How a program's arguments are written. */
export interface ArgumentSyntax {
  /** Begins a word so a setting? */
  readonly begins: RegExp;
  /** Do words behind a setting belong to it? */
  readonly takesWords: boolean;
  /** Are there words of a command in a word in quotes? */
  readonly inside: RegExp;
  readonly written: (name: string, values: readonly string[]) => string;
}

/** `--name value`, or `--name=value`. */
export const FLAGS: ArgumentSyntax = {
  begins: /^--?[A-Za-z]/,
  takesWords: true,
  inside: /\s--\w/,
  written: (name, values) => [name, ...values].join(' '),
};

/** `name=value`, as programs of absl's flags with a file of settings take them behind it. */
export const ASSIGNMENTS: ArgumentSyntax = {
  begins: /^[a-z]\w*=/,
  takesWords: false,
  inside: /\s[a-z]\w*=/,
  written: (name, values) => `${name}=${values.join(' ')}`,
};

/** A whole command in quotes, as `bash -c` and `eval` take it, is read as its words. */
function unquoted(field: Field, { inside }: ArgumentSyntax): Field[] {
  if (!inside.test(field.text)) return [field];
  return fieldsOf(field.chunks.map((chunk) => ({ ...chunk, quoted: false })));
}

function occurrencesOf(fields: readonly Field[], { begins, takesWords }: ArgumentSyntax): Occurrence[] {
  const all: { name: string; flag: Field; values: Field[] }[] = [];
  for (const field of fields) {
    if (!begins.test(field.text)) {
      if (takesWords) all.at(-1)?.values.push(field);
      continue;
    }
    const equals = field.text.indexOf('=');
    if (equals < 0) all.push({ name: field.text, flag: field, values: [] });
    else all.push({ name: field.text.slice(0, equals), flag: field, values: [tailOf(field, equals + 1)] });
  }
  return all;
}

/** The command with the most flags that are known; a file of arguments is one command, line by line. */
function trainingCommand(
  calls: readonly Call[],
  isKnown: (name: string) => boolean,
  syntax: ArgumentSyntax,
): readonly Occurrence[] {
  const bare = calls.filter(({ fields }) => syntax.begins.test(fields[0]?.text ?? ''));
  const commands = [...calls.map(({ fields }) => fields), bare.flatMap(({ fields }) => fields)];
  const known = commands
    .map((fields) =>
      occurrencesOf(
        fields.flatMap((field) => unquoted(field, syntax)),
        syntax,
      ),
    )
    .map((occurrences) => ({ occurrences, count: occurrences.filter(({ name }) => isKnown(name)).length }));
  return known.reduce((best, one) => (one.count > best.count ? one : best), {
    occurrences: [] as Occurrence[],
    count: 0,
  }).occurrences;
}

function cannotWrite(name: string, file: string): CosmicError {
  return new CosmicError('ARGUMENT', `${name} cannot be changed where it stands: the file computes it`, {
    file,
    remedy: 'change it by hand, or write its value into the file as it is',
  });
}

/** A script may only write the one that runs the job. */
function requireJob(
  occurrences: readonly Occurrence[],
  files: ReadonlyMap<string, string>,
  file: string,
  isKnown: (name: string) => boolean,
): void {
  if (occurrences.some(({ name }) => isKnown(name))) return;
  const job = [...files].find(([, text]) => (text.match(/--[a-z][a-z0-9-]+/g) ?? []).some(isKnown));
  if (job === undefined) return;
  throw new CosmicError('SCHEMA', `the job stands in ${job[0]}, which the script writes`, {
    file,
    remedy: `give ${job[0]} itself`,
  });
}

/** A variable of the environment that a script sets itself would change nothing, and say so to nobody. */
function requireEffect(given: ReadonlyMap<string, string>, variables: Variables, file: string, text: string): void {
  for (const [name, value] of given) {
    const at = variables.replacedAt(name);
    if (at === undefined) continue;
    const line = lineAt(text, at);
    throw new CosmicError('ARGUMENT', `--variable ${name}=${value} has no effect: the script sets ${name} itself`, {
      ...{ file, line },
      remedy: `change that line, or give a variable that it is made of: ${excerpt(text.split('\n')[line - 1]!.trim(), 80)}`,
    });
  }
}

/** The settings of a script, and how they are changed in its text. */
class ArgumentFile implements ConfigurationFile {
  readonly settings: ReadonlyMap<string, Setting>;

  constructor(
    readonly file: string,
    readonly text: string,
    readonly occurrences: readonly Occurrence[],
    readonly npus: number | undefined,
    readonly notes: readonly string[],
    readonly files: ReadonlyMap<string, string>,
    readonly isKnown: (name: string) => boolean,
    readonly syntax: ArgumentSyntax,
    lineOf: (field: Field) => number | undefined,
  ) {
    // The last one of a name counts.
    this.settings = new Map(
      occurrences.map(({ name, flag, values }) => {
        const line = lineOf(flag);
        const place = line === undefined ? { file } : { file, line };
        const texts = values.map((value) => ({ text: value.text, unknown: unknownOf(value) }));
        return [name, { name, values: texts, place }];
      }),
    );
  }

  edited(changes: readonly SettingChange[]): string {
    const edits = changes.flatMap((change) => this.#edits(change, changes));
    return applyEdits(this.text, edits);
  }

  #edits({ name, values, inPlace }: SettingChange, changes: readonly SettingChange[]): Edit[] {
    const own = this.occurrences.filter((one) => one.name === name);
    const last = own.at(-1);
    if (values === undefined) return own.map((one) => this.#removed(one));
    if (last === undefined) return [this.#inserted(this.syntax.written(name, values), changes)];
    return values.flatMap((value, i) => {
      const field = last.values[i];
      if (field?.text === value && inPlace !== true) return [];
      return [{ ...this.#placeOf(last, field, changes, inPlace === true), text: value }];
    });
  }

  /** The value itself, in a variable too; or the place where the variable is used, where others use it as well. */
  #placeOf({ name, flag }: Occurrence, field: Field | undefined, changes: readonly SettingChange[], inPlace: boolean) {
    const own = field && spanOf(field);
    const changing = new Set(changes.map((change) => change.name));
    const shared =
      own !== undefined &&
      this.occurrences.some(
        (other) =>
          !changing.has(other.name) && other.values.some(({ chunks }) => chunks.some(({ at }) => at === own.start)),
      );
    const place = own !== undefined && !shared && !inPlace ? own : field && siteOf(field, levelOf(flag));
    if (place === undefined) throw cannotWrite(name, this.file);
    return place;
  }

  #removed({ name, flag, values }: Occurrence): Edit {
    const level = levelOf(flag);
    const joinedFlag = flag.text !== name;
    const spans = (joinedFlag ? [flag] : [flag, ...values]).map((field) => siteOf(field, level));
    const whole = spans.includes(undefined) ? undefined : joined(this.text, spans as { start: number; end: number }[]);
    if (whole === undefined) throw cannotWrite(name, this.file);
    return removal(this.text, whole);
  }

  #inserted(added: string, changes: readonly SettingChange[]): Edit {
    const going = new Set(changes.filter(({ values }) => values === undefined).map(({ name }) => name));
    const anchor = this.occurrences.find(
      ({ name, flag }) => this.isKnown(name) && !going.has(name) && spanOf(flag) !== undefined,
    );
    const span = anchor && spanOf(anchor.flag);
    if (span === undefined) throw cannotWrite(added, this.file);
    return insertion(this.text, span, added);
  }
}

/**
 * Reads the arguments of the command in a script that trains, or those of a file of arguments.
 *
 * @param isKnown does the framework have a flag of that name?
 * @param given variables of the environment
 * @param syntax how its settings are written
 * @throws CosmicError SCHEMA where it is no shell script, ARGUMENT where it sets such a variable itself
 */
export function readArguments(
  text: string,
  file: string,
  isKnown: (name: string) => boolean,
  given: ReadonlyMap<string, string>,
  syntax = FLAGS,
): ConfigurationFile {
  const { calls, variables, files, notes } = walkScript(text, file, given);
  requireEffect(given, variables, file, text);
  const occurrences = trainingCommand(calls, isKnown, syntax);
  requireJob(occurrences, files, file, isKnown);
  const lineOf = ({ chunks }: Field) => {
    const at = chunks[0]?.at;
    return at === undefined ? undefined : lineAt(text, at);
  };
  const flags = new Map(occurrences.map(({ name, values }) => [name, values[0]?.text]));
  const npus = jobNpus(text, flags, variables);
  return new ArgumentFile(file, text, occurrences, npus, notes, files, isKnown, syntax, lineOf);
}
