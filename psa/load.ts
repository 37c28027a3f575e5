import { checkedFile } from './checkedFile.js';
import { parseSource, type SourceDocument, type SourceText } from './document.js';
import { modelSources, readModel, workloadOf } from './model.js';
import { applyOverrides } from './overrides.js';
import { findParameter, STACKS } from './parameters.js';
import { presetFile } from './presets.js';
import { withProfile } from './profile.js';
import type { Placed, Psa, Published } from './psa.js';
import { readSource } from './readSource.js';
import { factSourcesOf, isNote, type PsaFile } from './schema.js';
import { readSoftware, withSoftware } from './software.js';
import type { Profile } from './space.js';
import type { ParameterSpec } from './specs.js';
import { unknownParameter } from './suggest.js';
import { readSystem } from './system.js';

/** What the command line may put in the place of what a PsA file says. */
export interface LoadOptions {
  /** Preset name or path of a system, instead of the file's. */
  readonly system?: string;
  /** Preset name or path of a framework, instead of the file's. */
  readonly software?: string;
  /** Preset name or path of a model, instead of the file's. */
  readonly model?: string;
  /** Whose rules the simulator follows; `default` unless given. */
  readonly profile?: Profile;
  /** `name=value`, as {@link applyOverrides} takes them. */
  readonly set?: readonly string[];
}

function parametersOf(file: PsaFile, source: SourceDocument): Map<string, Placed<ParameterSpec>> {
  const parameters = new Map<string, Placed<ParameterSpec>>();
  for (const stack of STACKS) {
    for (const [name, value] of Object.entries(file[stack] ?? {})) {
      if (value !== undefined && !isNote(name))
        parameters.set(`${stack}.${name}`, { value, place: source.place([stack, name]) });
    }
  }
  return parameters;
}

function placedAll(texts: readonly string[], path: readonly string[], source: SourceDocument): Placed<string>[] {
  return texts.map((value, i) => ({ value, place: source.place([...path, i]) }));
}

function publishedOf(file: PsaFile, source: SourceDocument): Published | undefined {
  if (file.published === undefined) return undefined;
  const ignores = placedAll(file.published.ignores, ['published', 'ignores'], source).map(({ value, place }) => {
    const parameter = findParameter(value);
    if (parameter === undefined) throw unknownParameter(value, place);
    return { value: parameter.name, place };
  });
  return {
    count: BigInt(file.published.count),
    ignores,
    relaxes: placedAll(file.published.relaxes, ['published', 'relaxes'], source),
  };
}

/** The files that a PsA is loaded from, the user's own or presets. */
export interface PsaSources<Source extends SourceText = SourceText> {
  readonly psa: Source;
  readonly system: Source;
  /** Where one is named. */
  readonly software?: Source | undefined;
  /** The model's own, then those of an ensemble's members. */
  readonly model: readonly Source[];
}

/**
 * Finds and reads the files of a PsA: a preset's name, or the path of a YAML file.
 *
 * @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE, YAML_SYNTAX, SCHEMA, UNKNOWN_PRESET
 */
export function psaSources(
  nameOrPath: string,
  { system, software, model }: LoadOptions = {},
): PsaSources<SourceDocument> {
  const psa = readSource(presetFile('spaces', nameOrPath, {}));
  const file = checkedFile('spaces', psa);
  const systemFile =
    system === undefined
      ? presetFile('systems', file.system, psa.place(['system']), psa.file)
      : presetFile('systems', system, { file: `--system ${system}` });
  const softwareFile =
    software === undefined
      ? file.software && presetFile('software', file.software, psa.place(['software']), psa.file)
      : presetFile('software', software, { file: `--software ${software}` });
  return {
    psa,
    system: readSource(systemFile),
    ...(softwareFile === undefined ? {} : { software: readSource(softwareFile) }),
    model:
      model === undefined
        ? modelSources(file.model, psa.place(['model']), psa.file)
        : modelSources(model, { file: `--model ${model}` }),
  };
}

/** A text that was only kept is parsed. */
function documentOf(source: SourceText | SourceDocument): SourceDocument {
  return 'data' in source ? source : parseSource(source.text, source.file);
}

/**
 * Loads a PsA from its files as they were read at some time, which need no longer be there.
 *
 * @param options of these, the profile and the overrides
 * @throws CosmicError YAML_SYNTAX, SCHEMA, UNKNOWN_PARAMETER, VALUE_OUT_OF_RANGE, ARGUMENT
 */
export function loadSources(sources: PsaSources, { profile, set = [] }: LoadOptions = {}): Psa {
  const source = documentOf(sources.psa);
  const file = checkedFile('spaces', source);
  const software = sources.software && readSoftware(documentOf(sources.software));
  const system = withSoftware(readSystem(documentOf(sources.system)), software);
  const model = readModel(sources.model.map(documentOf));
  const psa: Psa = {
    name: file.name,
    description: file.description ?? '',
    place: { file: source.file },
    system,
    model,
    workload: withProfile(workloadOf(model), profile, { file: `--profile ${profile}` }),
    dimensions: file.dimensions ?? system.dimensions,
    parameters: parametersOf(file, source),
    constraints: placedAll(file.constraints ?? [], ['constraints'], source),
    objective: { value: file.objective ?? 'time', place: source.place(['objective']) },
    published: publishedOf(file, source),
    factSources: factSourcesOf(file),
    overrides: [],
  };
  return applyOverrides(psa, set);
}

/**
 * Loads a PsA: a preset's name, or the path of a YAML file.
 *
 * @throws CosmicError FILE_NOT_FOUND, YAML_SYNTAX, SCHEMA, UNKNOWN_PARAMETER, UNKNOWN_PRESET, VALUE_OUT_OF_RANGE, ARGUMENT
 * @example
 * const psa = loadPsa('cosmic-full', { system: 'cosmic-2048', set: ['workload.pp=1,2,4'] });
 */
export function loadPsa(nameOrPath: string, options: LoadOptions = {}): Psa {
  return loadSources(psaSources(nameOrPath, options), options);
}
