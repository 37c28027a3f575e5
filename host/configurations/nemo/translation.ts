/** Settings of one framework in the words of another: a file of nested keys as flags that tables know. */
import type { ConfigurationFile, Setting, SettingChange, WrittenSetting } from '../configurationFile.js';

/** A flag, and the keys that say it: the first is written, the others are read as well. */
export interface Key {
  readonly flag: string;
  readonly keys: readonly string[];
  /** What a key says: a value, that the flag is there, or that it is not. */
  readonly says: 'value' | 'there' | 'notThere';
  /** Is a flag there that no key speaks of? */
  readonly otherwise?: boolean;
  /** Words for values, where they differ: the key's, and the flag's. */
  readonly words?: Readonly<Record<string, string>>;
  /** Words besides `true` that say a flag is there. */
  readonly truths?: readonly string[];
  /** A key, and its value with which this one counts for nothing. */
  readonly idleWith?: readonly [key: string, value: string];
  /** A flag that goes with this one. */
  readonly implies?: string;
}

const truth = (text: string): boolean => ['true', 'yes', 'on', '1'].includes(text.toLowerCase());

function keyOf({ settings }: ConfigurationFile, { keys }: Key): string | undefined {
  return keys.find((name) => settings.has(name));
}

/** The flag as the file has it; undefined where it does not. */
function flagOf(file: ConfigurationFile, key: Key): Setting | undefined {
  const name = keyOf(file, key);
  if (key.idleWith !== undefined && file.settings.get(key.idleWith[0])?.values[0]?.text === key.idleWith[1])
    return undefined;
  if (name === undefined) {
    return key.otherwise === true ? { name: key.flag, values: [], place: { file: file.file } } : undefined;
  }
  const { values, place } = file.settings.get(name)!;
  if (key.says === 'value') {
    const meant = values.map(({ text, ...rest }) => ({ ...rest, text: key.words?.[text] ?? text }));
    return { name: key.flag, values: meant, place };
  }
  const text = values[0]?.text ?? '';
  const said = truth(text) || key.truths?.includes(text) === true;
  return said === (key.says === 'there') ? { name: key.flag, values: [], place } : undefined;
}

/** The word of a key for a flag's value. */
function wordOf({ words = {} }: Key, value: string): string {
  return Object.entries(words).find(([, meaning]) => meaning === value)?.[0] ?? value;
}

/** A file with flags in the place of its keys; keys that say no flag stay themselves. */
export class TranslatedFile implements ConfigurationFile {
  readonly settings: ReadonlyMap<string, Setting>;
  readonly file: string;
  readonly text: string;
  readonly npus: number | undefined;
  readonly notes: readonly string[];

  constructor(
    readonly inner: ConfigurationFile,
    readonly keys: readonly Key[],
  ) {
    ({ file: this.file, text: this.text, npus: this.npus, notes: this.notes } = inner);
    const known = new Set(keys.flatMap((key) => key.keys));
    const flags = keys.flatMap((key): Setting[] => {
      const flag = flagOf(inner, key);
      if (flag === undefined) return [];
      return key.implies === undefined ? [flag] : [flag, { ...flag, name: key.implies, values: [] }];
    });
    const others = [...inner.settings.values()].filter(({ name }) => !known.has(name));
    this.settings = new Map([...flags, ...others].map((setting) => [setting.name, setting]));
  }

  nameOf = (setting: string): string => {
    const key = this.keys.find(({ flag }) => flag === setting);
    return key === undefined ? setting : (keyOf(this.inner, key) ?? key.keys[0]!);
  };

  edited(changes: readonly SettingChange[]): string {
    const inner = changes.flatMap((change): SettingChange[] => {
      const key = this.keys.find(({ flag }) => flag === change.name);
      if (key === undefined) return [change];
      const name = this.nameOf(change.name);
      if (key.says !== 'value')
        return [{ name, values: [String((key.says === 'there') === (change.values !== undefined))] }];
      return [{ name, values: change.values?.map((value) => wordOf(key, value)) }];
    });
    return this.inner.edited(inner);
  }
}

/** Flags in a framework's own keys; what is there unless a key denies it is denied where no flag says it. */
export function translated(flags: readonly WrittenSetting[], keys: readonly Key[]): WrittenSetting[] {
  const implied = new Set(keys.map(({ implies }) => implies));
  const own = flags.flatMap(({ name, values }): WrittenSetting[] => {
    if (implied.has(name)) return [];
    const key = keys.find(({ flag }) => flag === name);
    if (key === undefined) return [{ name, values }];
    if (key.says !== 'value') return [{ name: key.keys[0]!, values: [String(key.says === 'there')] }];
    return [{ name: key.keys[0]!, values: values.map((value) => wordOf(key, value.replaceAll(/^'|'$/g, ''))) }];
  });
  const denied = keys.filter(({ flag, otherwise }) => otherwise === true && !flags.some(({ name }) => name === flag));
  return [...own, ...denied.map(({ keys: [name], says }) => ({ name: name!, values: [String(says !== 'there')] }))];
}
