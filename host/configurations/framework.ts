import type { ConfigurationFile, WrittenSetting } from './configurationFile.js';
import type { Row } from './row.js';
import type { FactRule, SettingRule, Words } from './rule.js';

/** How long a job is, for formats that say it. */
export interface JobSize {
  readonly npus: number;
  /** NPUs of a node. */
  readonly perNode: number;
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
  readonly words: Words;
  readonly factRules: readonly FactRule[];
  readonly settingRules: readonly SettingRule[];
  /** Settings that are known and change neither time nor memory. */
  readonly withoutEffect: RegExp;
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
