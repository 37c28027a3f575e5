import { type Place, readSource, type SourceDocument } from './document.js';
import { CosmicError } from './errors.js';
import { presetFile } from './presets.js';
import { type ModelFile, modelSchema, type PhaseFile } from './schema.js';
import type { ModelPhase, Workload } from './space.js';
import { validated } from './validate.js';

function required<Key extends keyof PhaseFile>(fields: PhaseFile, key: Key, source: SourceDocument) {
  const value = fields[key];
  if (value !== undefined) return value as NonNullable<PhaseFile[Key]>;
  throw new CosmicError('SCHEMA', `the model lacks '${key}'`, {
    ...source.place([]),
    remedy: `add ${key}; psa/presets/models has examples`,
  });
}

/** What a model file says by its MLP: GPT-style models drop and learn positions, those like Llama gate and rotate. */
export function featuresOf(
  mlp: NonNullable<PhaseFile['mlp']>,
): Pick<ModelPhase, 'gated' | 'dropout' | 'learnedPositions'> {
  const gated = mlp === 'swiglu';
  return { gated, dropout: !gated, learnedPositions: !gated };
}

function completePhase(name: string, fields: PhaseFile, source: SourceDocument): ModelPhase {
  const phase = fields.phase ?? 'training';
  const hidden = required(fields, 'hidden', source);
  const heads = required(fields, 'heads', source);
  const seq = phase === 'decode' ? 1 : required(fields, 'seq', source);
  const experts = fields.experts ?? 1;
  return {
    model: name,
    phase,
    weight: fields.weight ?? 1,
    layers: required(fields, 'layers', source),
    hidden,
    ffn: required(fields, 'ffn', source),
    heads,
    kvHeads: fields.kvHeads ?? heads,
    headDim: fields.headDim ?? hidden / heads,
    seq,
    context: phase === 'decode' ? required(fields, 'context', source) : seq,
    causal: fields.causal ?? true,
    vocab: fields.vocab ?? 0,
    patch: fields.patch ?? 0,
    classes: fields.classes ?? 0,
    ...featuresOf(required(fields, 'mlp', source)),
    experts,
    expertsPerToken: fields.expertsPerToken ?? 1,
    batch: required(fields, 'batch', source),
  };
}

/** What no schema of single fields can say. */
export function checkPhase(phase: ModelPhase, place: Place): ModelPhase {
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

function ownPhases(file: ModelFile, source: SourceDocument): ModelPhase[] {
  const { name, description: _, phases = [{}], ensemble: __, ...common } = file;
  const place = source.place(file.phases === undefined ? [] : ['phases']);
  return phases.map((phase) => checkPhase(completePhase(name, { ...common, ...phase }, source), place));
}

function memberPhases(source: SourceDocument, place: Place): ModelPhase[] {
  const file = validated(modelSchema, source);
  if (file.ensemble === undefined) return ownPhases(file, source);
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
  const source = readSource(presetFile('models', nameOrPath, place, from));
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
export function readModel(sources: readonly SourceDocument[]): Workload {
  const [source, ...members] = sources as [SourceDocument, ...SourceDocument[]];
  const file = validated(modelSchema, source);
  const { name, ensemble } = file;
  if (ensemble === undefined) return { name, phases: ownPhases(file, source) };
  const phases = ensemble.flatMap(({ weight = 1 / ensemble.length }, i) =>
    memberPhases(members[i]!, source.place(['ensemble', i, 'model'])).map((phase) => ({
      ...phase,
      weight: phase.weight * weight,
    })),
  );
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
  return readModel(modelSources(nameOrPath, place, from));
}
