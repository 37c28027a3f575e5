import { type Place, readSource, type SourceDocument } from './document.js';
import { CosmicError } from './errors.js';
import { completeFields, type GivenFields } from './modelFields.js';
import { presetFile } from './presets.js';
import { MOST_PHASES, type ModelFile, modelSchema } from './schema.js';
import type { ModelPhase, Workload } from './space.js';
import { validated } from './validate.js';

/** One phase as files give it. */
export interface GivenPhase {
  readonly model: string;
  readonly fields: GivenFields;
  /** Weight of its model in an ensemble. */
  readonly share: number;
  readonly place: Place;
}

/** A model as files give it; what they leave out follows from what they say. */
export interface Model {
  readonly name: string;
  readonly phases: readonly GivenPhase[];
}

function completePhase({ model, fields, share, place }: GivenPhase): ModelPhase {
  const { mlp: _, ...complete } = completeFields(
    fields,
    (field) =>
      new CosmicError('SCHEMA', `the model lacks '${field}'`, {
        ...place,
        remedy: `add ${field}; psa/presets/models has examples`,
      }),
  );
  return checkPhase({ model, ...complete, weight: complete.weight * share }, place);
}

/**
 * The workload of a model: every field of every phase.
 *
 * @throws CosmicError SCHEMA where a field is missing, VALUE_OUT_OF_RANGE where fields do not fit together
 */
export function workloadOf({ name, phases }: Model): Workload {
  return { name, phases: phases.map(completePhase) };
}

/** What no schema of single fields can say. */
function checkPhase(phase: ModelPhase, place: Place): ModelPhase {
  const complain = (message: string, remedy: string): never => {
    throw new CosmicError('VALUE_OUT_OF_RANGE', `${phase.model}: ${message}`, { ...place, remedy });
  };
  if (phase.heads % phase.kvHeads !== 0) {
    complain(`${phase.kvHeads} kvHeads do not divide ${phase.heads} heads`, 'use a factor of heads');
  }
  if (phase.expertsPerToken > phase.experts) {
    complain(
      `${phase.expertsPerToken} expertsPerToken of ${phase.experts} experts`,
      'use at most the experts there are',
    );
  }
  if (phase.vocab > 0 === phase.patch > 0) {
    complain(
      `vocab is ${phase.vocab} and patch is ${phase.patch}`,
      'give vocab for a token model, or patch and classes for an image model, but not both',
    );
  }
  return phase;
}

function ownPhases(file: ModelFile, source: SourceDocument, share = 1): GivenPhase[] {
  const { name, description: _, phases = [{}], ensemble: __, ...common } = file;
  return phases.map((phase, i) => ({
    model: name,
    fields: { ...common, ...phase },
    share,
    place: source.place(file.phases === undefined ? [] : ['phases', i]),
  }));
}

function memberPhases(source: SourceDocument, place: Place, share: number): GivenPhase[] {
  const file = validated(modelSchema, source);
  if (file.ensemble === undefined) return ownPhases(file, source, share);
  throw new CosmicError('SCHEMA', `'${file.name}' is itself an ensemble`, {
    ...place,
    remedy: 'name its members instead',
  });
}

/**
 * The files that describe a model: its own, and behind it those of an ensemble's members, in their order.
 *
 * @param from the file that names it; paths are relative to that
 * @throws CosmicError UNKNOWN_PRESET, FILE_NOT_FOUND, YAML_SYNTAX, SCHEMA
 */
export function modelSources(nameOrPath: string, place: Place = {}, from?: string): SourceDocument[] {
  return withMembers(readSource(presetFile('models', nameOrPath, place, from)));
}

/**
 * A model's description, and behind it the files of an ensemble's members, in their order.
 *
 * @throws CosmicError UNKNOWN_PRESET, FILE_NOT_FOUND, YAML_SYNTAX, SCHEMA
 */
export function withMembers(source: SourceDocument): SourceDocument[] {
  const { ensemble = [] } = validated(modelSchema, source);
  const members = ensemble.map(({ model }, i) =>
    readSource(presetFile('models', model, source.place(['ensemble', i, 'model']), source.file)),
  );
  return [source, ...members];
}

/**
 * The model that its files describe.
 *
 * @param sources as {@link modelSources} gives them
 * @throws CosmicError SCHEMA, VALUE_OUT_OF_RANGE
 */
export function readModel(sources: readonly SourceDocument[]): Model {
  const [source, ...members] = sources as [SourceDocument, ...SourceDocument[]];
  const file = validated(modelSchema, source);
  const { name, ensemble } = file;
  if (ensemble === undefined) return { name, phases: ownPhases(file, source) };
  const phases = ensemble.flatMap(({ weight = 1 / ensemble.length }, i) =>
    memberPhases(members[i]!, source.place(['ensemble', i, 'model']), weight),
  );
  if (phases.length > MOST_PHASES) {
    throw new CosmicError('VALUE_OUT_OF_RANGE', `the ensemble has ${phases.length} phases in all`, {
      ...source.place(['ensemble']),
      remedy: `use at most ${MOST_PHASES}`,
    });
  }
  return { name, phases };
}

/**
 * Loads a model: a preset's name, or the path of a YAML file.
 *
 * @param from the file that names it; paths are relative to that
 * @throws CosmicError UNKNOWN_PRESET, FILE_NOT_FOUND, YAML_SYNTAX, SCHEMA, VALUE_OUT_OF_RANGE
 * @example
 * loadModel('gpt3-175b').phases[0].layers; // 96
 */
export function loadModel(nameOrPath: string, place: Place = {}, from?: string): Workload {
  return workloadOf(readModel(modelSources(nameOrPath, place, from)));
}
