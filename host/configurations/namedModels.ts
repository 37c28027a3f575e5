/** Models that a framework names, without their sizes. */
import { loadModel } from '../../psa/model.js';
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

/** Presets that were read: exports ask for the same few many times. */
const presets = new Map<string, ModelPhase>();

function presetModel(preset: string): ModelPhase {
  const known = presets.get(preset) ?? loadModel(preset).phases[0]!;
  presets.set(preset, known);
  return known;
}

/** Is this the model of a preset, whatever a job's sequences are? */
export function isPreset(model: ModelPhase, preset: string): boolean {
  const own = presetModel(preset);
  const fields = Object.keys(own) as (keyof ModelPhase)[];
  return fields.every((field) => OF_THE_JOB.includes(field) || own[field] === model[field]);
}

/** A framework's name of a model, and the preset that it is. */
export interface NamedModel {
  readonly name: readonly string[];
  readonly preset: string;
}

/** The framework's name of a model; undefined where it has none. */
export function nameOfModel(models: readonly NamedModel[], model: ModelPhase): readonly string[] | undefined {
  // Most are told apart by their layers and width; the others by all of their fields.
  return models.find(({ preset }) => isPreset(model, preset))?.name;
}
