/** Rows of a framework's table: what a setting is in this project's terms. Readers and writers both go by them. */
import type { ModelFieldName } from '../../psa/modelFields.js';
import type { ParameterName } from '../../psa/parameters.js';
import type { Scalar } from '../../psa/specs.js';
import type { TrainedDesign } from '../export/designValues.js';
import type { WrittenSetting } from './configurationFile.js';
import type { Given } from './given.js';

/** A parameter of a design or a field of its model. */
export type Target = ParameterName | `model.${ModelFieldName}`;

/** Values of parameters and fields, as `--set` takes them. */
export type Assignments = { readonly [Name in Target]?: Scalar };

/** One correspondence of a framework: some of its settings, and the parameters and fields that they are. */
export interface Row {
  /** Settings that it reads, with other names for them; what it writes is among them. */
  readonly settings: readonly string[];
  /** What it sets. */
  readonly targets: readonly Target[];
  /**
   * What a file says; where it does not have the settings, what the framework does by itself.
   *
   * @throws CosmicError SCHEMA, VALUE_OUT_OF_RANGE at the setting
   */
  readonly read: (given: Given) => Assignments;
  /**
   * How the framework says it of a design.
   *
   * @throws CosmicError ARGUMENT where it cannot
   */
  readonly write: (design: TrainedDesign) => readonly WrittenSetting[];
}

export function written(name: string, ...values: readonly (string | number)[]): WrittenSetting {
  return { name, values: values.map(String) };
}

/** A row about the model alone. */
export function modelRow(
  settings: readonly string[],
  targets: Row['targets'],
  read: Row['read'],
  write: (model: TrainedDesign['model']) => readonly WrittenSetting[],
): Row {
  return { settings, targets, read, write: ({ model }) => write(model) };
}

/** A whole number that stands for a parameter as it is, and is always written. */
export function wholeRow(setting: string, target: ParameterName, otherwise: number): Row {
  return {
    settings: [setting],
    targets: [target],
    read: (given) => ({ [target]: given.count(setting, otherwise) }),
    write: ({ values }) => [written(setting, values.number(target))],
  };
}
