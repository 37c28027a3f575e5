/** What rows are read into: fields of a model and parameters of a design, by their names. */
import type { ModelFieldName } from '../../../psa/modelFields.js';
import type { ParameterName } from '../../../psa/parameters.js';
import type { MemoryRow, TrainingRow } from './row.js';

/** A run: of a row for memory the columns of a row of today are empty. */
export type Run = Partial<TrainingRow> & Pick<MemoryRow, 'tp' | 'pp' | 'dp' | 'gpus' | 'seq' | 'global_batch'>;

/** What overrides set: a field of the model, a parameter, or the number of NPUs. */
export type Target = `model.${ModelFieldName}` | ParameterName | 'system.npus';

export type Settings = Partial<Record<Target, number | string | boolean>>;
