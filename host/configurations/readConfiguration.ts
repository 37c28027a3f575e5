/** From a framework's file to a job of ours: its model, its parameters, and what rules look at. */

import { compilePsa } from '../../psa/compile.js';
import { CosmicError } from '../../psa/errors.js';
import { MODEL_FIELDS, type ModelFieldName } from '../../psa/modelFields.js';
import { applyOverrides } from '../../psa/overrides.js';
import { findParameter, type ParameterName } from '../../psa/parameters.js';
import type { Psa } from '../../psa/psa.js';
import type { ModelFile } from '../../psa/schema.js';
import type { CompiledSpace, ModelPhase } from '../../psa/space.js';
import { numberOf, type Scalar, scalarOf, scalarSchema } from '../../psa/specs.js';
import { validatedValue } from '../../psa/validate.js';
import type { ConfigurationFile } from './configurationFile.js';
import type { Facts } from './facts.js';
import { type Framework, knownSettings, notSimulatedNotes } from './framework.js';
import { Given } from './given.js';
import { JobBases } from './jobBases.js';
import type { Assignments, Row, Target } from './row.js';
import type { Violation, Words } from './rule.js';
import { type Slip, slipsOf } from './slips.js';

/** What a file does not say of its job. */
export interface ReadOptions {
  /** Target system or machine: preset name or path. */
  readonly system: string;
  /** Framework's constants: preset name or path; `none`: what the system says; the format's own unless given. */
  readonly software?: string | undefined;
  /** Model of a file that describes none: preset name or path. */
  readonly model?: string | undefined;
  /** NPUs of the job, in the place of what the file says. */
  readonly npus?: number | undefined;
  /** Overrides of what the system and the software say, as `--set` takes them. */
  readonly set?: readonly string[] | undefined;
}

/** A configuration as it was read. */
export interface Configuration {
  readonly framework: Framework;
  readonly file: ConfigurationFile;
  readonly given: Given;
  readonly npus: number;
  /** The systems and models that it was read with, for those who read it again. */
  readonly bases: JobBases;
  /** The system with the job's parameters, one design. */
  readonly psa: Psa;
  readonly facts: Facts;
  /** What of the model no model can be; it is read as the nearest that can. */
  readonly impossible: readonly Violation[];
  /** Settings that no row reads and that are not known to have no effect. */
  readonly notUnderstood: readonly string[];
  /** Those of them that are likely others, misspelt. */
  readonly slips: readonly Slip[];
  readonly notes: readonly string[];
}

function readRows(rows: readonly Row[], given: Given): Assignments {
  const all: Record<string, Scalar> = {};
  for (const row of rows) {
    for (const [target, value] of Object.entries(row.read(given))) {
      all[target] = checked(target as Target, value, row, given);
    }
  }
  return all;
}

/** Of a value out of range the error has the line of the setting that it is read of. */
function checked(target: Target, value: Scalar, { settings }: Row, given: Given): Scalar {
  const setting = settings.find((name) => given.has(name)) ?? settings[0]!;
  const schema = target.startsWith('model.')
    ? MODEL_FIELDS[target.slice('model.'.length) as ModelFieldName].schema()
    : scalarSchema(findParameter(target)!);
  return validatedValue<Scalar>(schema, value, setting, given.place(setting));
}

function modelFileOf(assignments: Assignments, { file }: ConfigurationFile): ModelFile {
  const fields = Object.entries(assignments).map(([target, value]) => [target.slice('model.'.length), value]);
  // A step's sequences stand in the job's parameters, not in its model.
  return { name: modelName(file), ...Object.fromEntries(fields), batch: 1 } as ModelFile;
}

function modelName(file: string): string {
  return file.split(/[\\/]/).at(-1)!.slice(0, 60);
}

/** A model that can be, in the place of one that cannot, and what was wrong with it. */
function possible(model: Assignments, words: Words): { model: Assignments; impossible: Violation[] } {
  const impossible: Violation[] = [];
  const mended: Record<string, Scalar | undefined> = { ...model };
  const [heads, kvHeads] = [Number(model['model.heads'] ?? 1), Number(model['model.kvHeads'] ?? 1)];
  if (heads % kvHeads !== 0) {
    const says = `${heads} attention heads are no multiple of ${kvHeads} heads of keys and values`;
    impossible.push({ rule: 'heads of keys and values', says, settings: [words.heads, words.kvHeads] });
    mended['model.kvHeads'] = heads;
  }
  const [experts, each] = [Number(model['model.experts'] ?? 1), Number(model['model.expertsPerToken'] ?? 1)];
  if (each > experts) {
    const says = `${each} experts of a token are more than ${experts}`;
    impossible.push({ rule: 'experts of a token', says, settings: [words.experts] });
    mended['model.expertsPerToken'] = experts;
  }
  return { model: mended as Assignments, impossible };
}

/** Of a model that is given beside the file, the fields that belong to the job all the same. */
const JOB_FIELDS: readonly Target[] = ['model.seq', 'model.dropout', 'model.mtpLayers'];

/** The job's NPUs, where a model is known, too; what a file lacks is said all at once, with the files that may have it. */
function npusOf(framework: Framework, file: ConfigurationFile, { npus }: ReadOptions, hasModel: boolean): number {
  const count = npus ?? file.npus;
  if (count !== undefined && hasModel) return count;
  const lacking: [what: string, remedy: string][] = [];
  if (count === undefined) {
    // Scripts alone have variables.
    const variables = file.files !== undefined ? ', or give the variables that say it by --variable NAME=value' : '';
    const remedy = `add --npus, the number of its GPUs${variables}`;
    lacking.push(['does not say how many NPUs the job has', remedy]);
  }
  if (!hasModel) {
    lacking.push([modelLack(framework, file), 'add --model with a preset, a model file or a Hugging Face config.json']);
  }
  const unread = file.notes.filter((note) => note.includes('is not read'));
  throw new CosmicError('ARGUMENT', `the file ${lacking.map(([what]) => what).join(' and ')}`, {
    file: file.file,
    remedy: [...lacking.map(([, remedy]) => remedy), ...unread].join('; '),
  });
}

/** What a file says of its model, where that is not enough. */
function modelLack({ modelNames = [] }: Framework, { settings }: ConfigurationFile): string {
  const names = modelNames.flatMap((name) => settings.get(name)?.values[0]?.text ?? []);
  return names.length === 0 ? 'describes no model' : `names a model that is not known, ${names.join(' ')}`;
}

/** A parameter as the job has it, or the system's default. */
function lookup(psa: Psa, assignments: Assignments) {
  const known = new Map<ParameterName, number | string>();
  const read = (name: ParameterName): number | string => {
    const parameter = findParameter(name)!;
    const own = assignments[name] ?? psa.parameters.get(name)?.value;
    if (typeof own === 'number' || typeof own === 'string') return scalarOf(parameter, numberOf(parameter, own));
    return scalarOf(parameter, psa.system.defaults.get(name)?.[0] ?? 0);
  };
  // Rules ask for the same ones of thousands of neighbours.
  return (name: ParameterName): number | string => {
    const value = known.get(name) ?? read(name);
    known.set(name, value);
    return value;
  };
}

/** What rules look at, of values by their names. */
export function factsOf(npus: number, model: ModelPhase, value: (name: ParameterName) => number | string): Facts {
  return {
    npus,
    model,
    value,
    number: (name) => {
      const own = value(name);
      return typeof own === 'number' ? own : 0;
    },
    text: (name) => String(value(name)),
  };
}

/**
 * Reads a configuration.
 *
 * @param bases of jobs that were read before, if this is one of many
 * @throws CosmicError SCHEMA, VALUE_OUT_OF_RANGE, ARGUMENT at the setting, and what loading the system and the model throws
 */
export function readConfiguration(
  framework: Framework,
  file: ConfigurationFile,
  options: ReadOptions,
  bases = new JobBases(),
): Configuration {
  const describes = framework.modelSetting !== undefined && file.settings.has(framework.modelSetting);
  const named = options.model ?? framework.namedModel?.(file);
  const npus = npusOf(framework, file, options, describes || named !== undefined);
  const software = options.software === 'none' ? undefined : (options.software ?? framework.software);
  const own = new Given(file, npus, undefined);
  const { model, impossible } = possible(describes ? readRows(framework.modelRows, own) : {}, framework.words);
  const { system, set = [] } = options;
  const base = bases.psa({ system, software, model: describes ? modelFileOf(model, file) : named!, npus, set });
  const given = describes ? own : new Given(file, npus, base.workload.phases[0]!);
  const assignments = readRows(framework.rows, given);
  const ofJob = describes ? [] : jobFields(framework, given);
  const sets = Object.entries(assignments).map(([name, value]) => `${name}=${value}`);
  const psa = { ...applyOverrides(base, [...sets, ...ofJob]), overrides: set };
  const unused = describes && options.model !== undefined ? ['the file describes its model: --model is not used'] : [];
  const known = knownSettings(framework);
  const isKnown = (name: string): boolean =>
    known.has(name) ||
    framework.withoutEffect.test(name) ||
    framework.notSimulated.some(({ settings }) => settings.test(name));
  const strange = [...file.settings.keys()].filter((name) => !isKnown(name));
  return {
    framework,
    file,
    given,
    npus,
    bases,
    psa,
    facts: factsOf(npus, psa.workload.phases[0]!, lookup(psa, assignments)),
    impossible,
    notUnderstood: strange,
    slips: slipsOf(framework, file, strange),
    notes: [...file.notes, ...given.notes, ...notSimulatedNotes(framework, file), ...unused],
  };
}

/** What the file says of the job's sequences where its model stands elsewhere, and what all models of the framework have. */
function jobFields({ modelRows, modelSetting }: Framework, given: Given): string[] {
  return modelRows.flatMap((row) => {
    const ofAll = row.settings.length === 0;
    if (!ofAll && modelSetting !== undefined && !row.settings.some((name) => given.has(name))) return [];
    const targets = ofAll ? row.targets : row.targets.filter((target) => JOB_FIELDS.includes(target));
    if (targets.length === 0) return [];
    const values = row.read(given);
    return targets.flatMap((target) => (values[target] === undefined ? [] : [`${target}=${values[target]}`]));
  });
}

/** The design of a configuration; undefined where its degrees make none. */
export function compiledConfiguration({ psa }: Configuration): CompiledSpace | undefined {
  try {
    const space = compilePsa(psa);
    return space.genes.length === 0 ? space : undefined;
  } catch (error) {
    if (error instanceof CosmicError && ['SPACE_EMPTY', 'CONSTRAINT_TOO_LARGE'].includes(error.code)) return undefined;
    throw error;
  }
}
