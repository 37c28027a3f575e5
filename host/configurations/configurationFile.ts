/** A configuration's file as the tables of a framework read it: settings by name, each with its place. */
import type { Place } from '../../psa/document.js';

/** One value of a setting, as the file has it once its variables are put in. */
export interface SettingValue {
  readonly text: string;
  /** The variable, or the command, without which the file does not say the value. */
  readonly unknown?: string | undefined;
}

export interface Setting {
  /** As the framework writes it: `--micro-batch-size`, `training.seq_len`. */
  readonly name: string;
  /** Empty for a flag that stands alone. */
  readonly values: readonly SettingValue[];
  readonly place: Place;
}

/** A setting as a file is to have it; without values it is a flag that stands alone. */
export interface WrittenSetting {
  readonly name: string;
  readonly values: readonly string[];
}

/** What is to become of a setting: other values, or, undefined, nothing. */
export interface SettingChange {
  readonly name: string;
  readonly values: readonly string[] | undefined;
  /** Write it where the setting stands, though the file has it through a variable. */
  readonly inPlace?: boolean;
}

export interface ConfigurationFile {
  readonly file: string;
  readonly text: string;
  readonly settings: ReadonlyMap<string, Setting>;
  /** NPUs of the job, where the file says so. */
  readonly npus: number | undefined;
  /** What of the file could not be followed. */
  readonly notes: readonly string[];
  /** Files that it writes as it stands, by their paths: of a script. */
  readonly files?: ReadonlyMap<string, string>;
  /** How the file calls a setting, where its framework's tables have another name for it. */
  readonly nameOf?: (setting: string) => string;
  /**
   * The text with some settings changed, and every other byte as it was.
   *
   * @throws CosmicError ARGUMENT where the file computes a value that would have to change
   */
  edited(changes: readonly SettingChange[]): string;
}
