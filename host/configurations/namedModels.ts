/** Models that a framework names, without their sizes. */
import { loadModel } from '../../psa/model.js';
import { once } from '../../psa/once.js';
import type { ModelPhase } from '../../psa/space.js';

/** What a job says of a model beside its name. */
const OF_THE_JOB: readonly (keyof ModelPhase)[] = [
  'model',
  'seq',
  'context',
  'batch',
  'positions',
  'weight',
  'dropout',
];

/** Is this a preset's model, whatever a job's sequences are? */
function isSame(model: ModelPhase, preset: ModelPhase): boolean {
  const fields = Object.keys(preset) as (keyof ModelPhase)[];
  return fields.every((field) => OF_THE_JOB.includes(field) || preset[field] === model[field]);
}

/** A framework's name of a model, and the preset that it is, but for what it has otherwise. */
export interface NamedModel {
  readonly name: readonly string[];
  readonly preset: string;
  readonly model: () => ModelPhase;
}

/**
 * A preset belongs to the package and never changes: it is read when the first job asks for it.
 *
 * @param other what the framework's model has in the place of the preset's
 */
export function namedModel(name: readonly string[], preset: string, other: Partial<ModelPhase> = {}): NamedModel {
  return { name, preset, model: once(() => ({ ...loadModel(preset).phases[0]!, ...other })) };
}

/** The framework's name of a model; undefined where it has none. */
export function nameOfModel(models: readonly NamedModel[], own: ModelPhase): readonly string[] | undefined {
  // Most are told apart by their layers and width; the others by all of their fields.
  return models.find(({ model }) => isSame(own, model()))?.name;
}
