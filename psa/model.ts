import { checkedFile } from './checkedFile.js';
import type { Place, SourceDocument } from './document.js';
import { CosmicError } from './errors.js';
import { type ConfigReading, isConfig, readConfig } from './huggingFace/read.js';
import { patternLayers } from './layerKinds.js';
import { completeFields, type GivenFields } from './modelFields.js';
import { presetFile } from './presets.js';
import { readSource } from './readSource.js';
import { MOST_PHASES, type ModelFile } from './schema.js';
import type { ModelPhase, Workload } from './space.js';

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
  /** What was read of configurations of transformers. */
  readonly readings: readonly ConfigReading[];
}

/** What a file says: a model file of ours, or a configuration of transformers. */
function fileOf(source: SourceDocument): { file: ModelFile; reading?: ConfigReading } {
  if (!isConfig(source.data)) return { file: checkedFile('models', source) };
  const { name, fields, reading } = readConfig(source);
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return { file: checkedFile('models', { ...source, data: { name, ...Object.fromEntries(given) } }), reading };
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
  const { vocab, vocabMultiple, weight } = complete;
  const padded = Math.ceil(vocab / vocabMultiple) * vocabMultiple;
  return checkPhase({ model, ...complete, vocab: padded, weight: weight * share }, place);
}

/**
 * The workload of a model: every field of every phase.
 *
 * @throws CosmicError SCHEMA where a field is missing, VALUE_OUT_OF_RANGE where fields do not fit together
 */
export function workloadOf({ name, phases, readings }: Model): Workload {
  return { name, phases: phases.map(completePhase), ...(readings.length === 0 ? {} : { readings }) };
}

/** What no schema of single fields can say. */
function checkPhase(phase: ModelPhase, place: Place): ModelPhase {
  const complain: Complain = (message, remedy) => {
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
  if (phase.parallelBlock && phase.experts > 1) {
    complain('experts beside attention (parallelBlock)', 'set parallelBlock to false, or experts to 1');
  }
  if (phase.vocab === 0 && phase.embedDim !== phase.hidden) {
    complain('embedDim without a token table', 'leave embedDim out, or give vocab');
  }
  if (phase.ropeDim > phase.headDim) {
    complain(`a rotated part of ${phase.ropeDim} in heads of ${phase.headDim}`, 'use a ropeDim of at most headDim');
  }
  if (phase.kvRank > 0 && phase.kvHeads < phase.heads) {
    complain(
      `latent attention (kvRank) with ${phase.kvHeads} kvHeads of ${phase.heads} heads`,
      'leave kvHeads out: the latent has keys and values of every head',
    );
  }
  if (phase.queryRank > 0 && phase.kvRank === 0) {
    complain('a queryRank without a kvRank', 'give both, as latent attention has them, or neither');
  }
  if (phase.attentionGate && phase.kvRank > 0) {
    complain('gates of latent attention (attentionGate with kvRank)', 'leave attentionGate out');
  }
  if (phase.globalEvery > 0 && phase.window === 0) {
    complain('globalEvery without a window', 'give the window of the local layers');
  }
  checkPattern(phase, complain);
  checkStateRule(phase, complain);
  if (phase.vocab > 0 === phase.patch > 0) {
    complain(
      `vocab is ${phase.vocab} and patch is ${phase.patch}`,
      'give vocab for a token model, or patch and classes for an image model, but not both',
    );
  }
  return phase;
}

type Complain = (message: string, remedy: string) => never;

/** Rules of layers with a state that a number of theirs does not fit to. */
function checkStateRule({ stateRule, stateHeads, stateGroups, stateGateRank }: ModelPhase, complain: Complain): void {
  if (stateGateRank > 0 && stateRule !== 'kimiDelta') {
    complain(`a stateGateRank with the rule ${stateRule}`, 'leave it out: only kimiDelta presses its gates');
  }
  if (stateRule === 'kimiDelta' && stateGroups !== stateHeads) {
    complain(
      `${stateGroups} stateGroups of ${stateHeads} stateHeads with the rule kimiDelta`,
      'give as many: each of its heads has keys of its own',
    );
  }
}

/** Layers by a pattern: their numbers, and fields that say the same in another way. */
function checkPattern(phase: ModelPhase, complain: Complain): void {
  const { layerPattern: pattern, stateHeads, stateGroups } = phase;
  const has = (letter: string): boolean => pattern.includes(letter);
  const hasStates = has('M') || has('B');
  if (hasStates !== stateHeads > 0) {
    complain(
      `${stateHeads} stateHeads with ${hasStates ? 'layers that have a state' : 'no layer that has a state'}`,
      'give stateHeads where layerPattern has an M or a B, and nowhere else',
    );
  }
  if (stateHeads % stateGroups !== 0) {
    complain(`${stateGroups} stateGroups do not divide ${stateHeads} stateHeads`, 'use a factor of stateHeads');
  }
  if (phase.expertLatent > 0 && phase.experts === 1) {
    complain('an expertLatent without experts', 'give experts, or leave expertLatent out');
  }
  if (pattern === '') return;
  const written = patternLayers(pattern).length;
  if (phase.layers % written !== 0) {
    complain(
      `a layerPattern of ${written} layers for ${phase.layers} layers`,
      'write each layer, or a part that is repeated a whole number of times',
    );
  }
  if (has('E') !== phase.experts > 1) {
    complain(
      `${phase.experts} experts with ${has('E') ? 'mixtures' : 'no mixture'} in the layerPattern`,
      'give experts where layerPattern has an E, and nowhere else',
    );
  }
  if (phase.parallelBlock || phase.norms !== 2) {
    complain('layers by a layerPattern that share norms or have further ones', 'leave norms and parallelBlock out');
  }
  if (phase.leadingDense > 0 || phase.mixtureEvery > 1) {
    complain(
      'leadingDense or mixtureEvery beside a layerPattern',
      'leave them out: - and E say which layers have experts',
    );
  }
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

function memberOf(source: SourceDocument, place: Place, share: number): Omit<Model, 'name'> {
  const { file, reading } = fileOf(source);
  const readings = reading === undefined ? [] : [reading];
  if (file.ensemble === undefined) return { phases: ownPhases(file, source, share), readings };
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
  const { ensemble = [] } = fileOf(source).file;
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
  const { file, reading } = fileOf(source);
  const { name, ensemble } = file;
  if (ensemble === undefined) {
    return { name, phases: ownPhases(file, source), readings: reading === undefined ? [] : [reading] };
  }
  const parts = ensemble.map(({ weight = 1 / ensemble.length }, i) =>
    memberOf(members[i]!, source.place(['ensemble', i, 'model']), weight),
  );
  const phases = parts.flatMap((part) => part.phases);
  if (phases.length > MOST_PHASES) {
    throw new CosmicError('VALUE_OUT_OF_RANGE', `the ensemble has ${phases.length} phases in all`, {
      ...source.place(['ensemble']),
      remedy: `use at most ${MOST_PHASES}`,
    });
  }
  return { name, phases, readings: parts.flatMap((part) => part.readings) };
}

/**
 * Loads a model: a preset's name, or the path of a YAML file or of a Hugging Face config.json.
 *
 * @param from the file that names it; paths are relative to that
 * @throws CosmicError UNKNOWN_PRESET, FILE_NOT_FOUND, YAML_SYNTAX, SCHEMA, VALUE_OUT_OF_RANGE
 * @example
 * loadModel('gpt3-175b').phases[0].layers; // 96
 */
export function loadModel(nameOrPath: string, place: Place = {}, from?: string): Workload {
  return workloadOf(readModel(modelSources(nameOrPath, place, from)));
}
