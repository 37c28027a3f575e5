import type { ConfigurationFile, WrittenSetting } from './configurationFile.js';
import type { Row } from './row.js';
import type { FactRule, SettingRule, Words } from './rule.js';

/** How long a job is, for formats that say it. */
export interface JobSize {
  readonly npus: number;
  /** NPUs of a node. */
  readonly perNode: number;
}

/** Settings whose effect is known and not simulated, and what is taken instead. */
export interface NotSimulated {
  readonly settings: RegExp;
  readonly instead: string;
}

/** What sets a switch off, as files write it. */
const OFF = /^(false|0|-1|none|null|)$/i;

/** Notes on settings of a file whose effect is not simulated. */
export function notSimulatedNotes(framework: Framework, { settings }: ConfigurationFile): string[] {
  const read = knownSettings(framework);
  return [...settings].flatMap(([name, { values }]) => {
    const known = framework.notSimulated.find((one) => one.settings.test(name));
    const isOff = values.length > 0 && values.every(({ text }) => OFF.test(text));
    return known === undefined || isOff || read.has(name) ? [] : [`${name} is not simulated: ${known.instead}`];
  });
}

/** Names that begin so, of words in a text; each may be a regular expression. */
export function beginning(prefix: string, words: string): RegExp {
  return new RegExp(`^${prefix}(${words.trim().split(/\s+/).join('|')})`);
}

/** A framework whose configurations are read, checked and written. */
export interface Framework {
  /** As `export --format` names it. */
  readonly name: string;
  readonly title: string;
  /** Preset of what it does by itself. */
  readonly software: string;
  /** Its settings of a job, and those of a model. */
  readonly rows: readonly Row[];
  readonly modelRows: readonly Row[];
  /** The setting without which a file describes no model. */
  readonly modelSetting: string | undefined;
  /** Preset of a model that a file names without its sizes; undefined where it names none that is known. */
  readonly namedModel?: (file: ConfigurationFile) => string | undefined;
  /** The settings by which it names one. */
  readonly modelNames?: readonly string[];
  /** Settings as files name them, where rows have other names for them. */
  readonly fileNames?: readonly string[];
  readonly words: Words;
  readonly factRules: readonly FactRule[];
  readonly settingRules: readonly SettingRule[];
  /** Settings that are known and change neither time nor memory. */
  readonly withoutEffect: RegExp;
  /** Settings that change one of them in a way that is not simulated. */
  readonly notSimulated: readonly NotSimulated[];
  /** Is a file of that name and text one of this framework? */
  readonly recognises: (file: string, text: string) => boolean;
  /**
   * Reads a file.
   *
   * @param given variables of the environment
   * @throws CosmicError SCHEMA, YAML_SYNTAX at the line
   */
  readonly parse: (text: string, file: string, given: ReadonlyMap<string, string>) => ConfigurationFile;
  /** A whole file with these settings. */
  readonly print: (settings: readonly WrittenSetting[], size: JobSize) => string;
}

/** Settings that some row of a framework reads. */
export function knownSettings({ rows, modelRows }: Pick<Framework, 'rows' | 'modelRows'>): ReadonlySet<string> {
  return new Set([...rows, ...modelRows].flatMap(({ settings }) => settings));
}
