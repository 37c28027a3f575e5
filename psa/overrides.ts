import type { z } from 'zod';
import type { Place } from './document.js';
import { CosmicError, excerpt } from './errors.js';
import { type Model, workloadOf } from './model.js';
import { type GivenFields, MODEL_FIELDS, type ModelFieldName, modelFieldNames } from './modelFields.js';
import { findParameter, type ParameterDefinition } from './parameters.js';
import { withProfile } from './profile.js';
import type { Psa } from './psa.js';
import { npusSchema } from './schema.js';
import { type FlatSpec, type ParameterSpec, type Scalar, specSchema } from './specs.js';
import { unknownParameter } from './suggest.js';
import { validatedValue } from './validate.js';

/** One `name=value` of the command line. */
interface Override {
  readonly name: string;
  /** The text behind `=`. */
  readonly text: string;
  readonly place: Place;
}

function scalar(text: string): Scalar {
  const number = Number(text);
  if (text !== '' && Number.isFinite(number)) return number;
  return text === 'true' ? true : text === 'false' ? false : text;
}

/** `8` is a value, `1,2,4` a list of them, `all` of a category every value. */
function flatSpec(text: string, parameter: ParameterDefinition): FlatSpec {
  const values = text.split(',').map((part) => scalar(part.trim()));
  if (values.length > 1) return { values };
  return parameter.categories !== undefined && text === 'all' ? { values: 'all' } : values[0]!;
}

function unknown(name: string, place: Place): CosmicError {
  return unknownParameter(name, place, [...modelFieldNames.map((field) => `model.${field}`), 'system.npus']);
}

/** A list for a parameter that the PsA varies per dimension goes to each dimension. */
function asBefore(before: ParameterSpec | undefined, spec: FlatSpec): ParameterSpec {
  const perDimension = typeof before === 'object' && 'perDimension' in before;
  return perDimension && typeof spec === 'object' ? { perDimension: spec } : spec;
}

/** `[00]` would name the same dimension as `[0]`. */
function checkDimension(psa: Psa, parameter: ParameterDefinition, dimension: string, place: Place): void {
  const number = Number(dimension);
  if (parameter.perDimension && number < psa.dimensions && dimension === String(number)) return;
  throw new CosmicError('ARGUMENT', `${parameter.name} has no dimension ${dimension}`, {
    ...place,
    remedy: parameter.perDimension ? `use 0 to ${psa.dimensions - 1}` : 'leave out the brackets',
  });
}

function overrideParameter(psa: Psa, { name, text, place }: Override): Psa {
  const [, base = name, index] = /^(.*)\[(\d+)\]$/.exec(name) ?? [];
  const parameter = findParameter(base);
  if (parameter === undefined) throw unknown(name, place);
  const flat = flatSpec(text, parameter);
  validatedValue(specSchema(parameter), flat, name, place);
  const parameters = new Map(psa.parameters);
  if (index === undefined) {
    const own = parameter.name;
    for (let d = 0; d < psa.dimensions; d++) parameters.delete(`${own}[${d}]`);
    parameters.set(own, { value: asBefore(psa.parameters.get(own)?.value, flat), place });
  } else {
    checkDimension(psa, parameter, index, place);
    parameters.set(name, { value: flat, place });
  }
  return { ...psa, parameters };
}

/** A file's fields with one replaced. What followed from it, or has to divide it, follows from it again. */
function withField(fields: GivenFields, field: ModelFieldName, value: unknown): GivenFields {
  const next: GivenFields = { ...fields, [field]: value };
  if (field === 'hidden') return { ...next, headDim: undefined };
  if (field !== 'heads') return next;
  const { heads = 1, kvHeads = 1 } = next;
  const follows = kvHeads === fields.heads || kvHeads > heads;
  return { ...next, headDim: undefined, kvHeads: follows ? undefined : next.kvHeads };
}

function modelField({ name, place }: Override): ModelFieldName {
  const field = modelFieldNames.find((known) => name === `model.${known}`);
  if (field === undefined) throw unknown(name, place);
  return field;
}

function overrideField(model: Model, override: Override): Model {
  const { name, text, place } = override;
  const field = modelField(override);
  const value = validatedValue(MODEL_FIELDS[field].schema() as z.ZodType<Scalar>, scalar(text), name, place);
  const phases = model.phases.map((phase) => ({ ...phase, fields: withField(phase.fields, field, value), place }));
  return { ...model, phases };
}

/** Only a phase of decoding has a cache; it has a sequence only where that is the cache's length. */
function checkApplies({ phases }: Model, override: Override): void {
  const field = modelField(override);
  const applies = phases.some(({ fields: { phase, context } }) =>
    field === 'context' ? phase === 'decode' : field !== 'seq' || phase !== 'decode' || context === undefined,
  );
  if (applies) return;
  throw new CosmicError('ARGUMENT', `no phase of the model has ${override.name}`, {
    ...override.place,
    remedy: field === 'seq' ? 'use model.context for decoding' : 'use model.seq for training and prefill',
  });
}

/** All of them at once, as a file would say them: `model.phase=decode` may stand before `model.context=2048`, or behind it. */
function overrideModel(psa: Psa, overrides: readonly Override[]): Psa {
  const last = overrides.at(-1);
  if (last === undefined) return psa;
  const model = overrides.reduce(overrideField, psa.model);
  for (const override of overrides) checkApplies(model, override);
  return { ...psa, model, workload: withProfile(workloadOf(model), psa.workload.profile, last.place) };
}

function overrideNpus(psa: Psa, { name, text, place }: Override): Psa {
  const npus = validatedValue(npusSchema(), scalar(text), name, place);
  return { ...psa, system: { ...psa.system, npus } };
}

function parsed(argument: string): Override {
  const place = { file: `--set ${excerpt(argument, 200)}` };
  const [, name, text] = /^\s*([\w.[\]]+)\s*=\s*(.+?)\s*$/.exec(argument) ?? [];
  if (name !== undefined && text !== undefined) return { name, text, place };
  throw new CosmicError('ARGUMENT', `'${excerpt(argument)}' is not name=value`, {
    ...place,
    remedy: 'write for example --set workload.dp=8, --set workload.dp=1,2,4 or --set model.layers=4',
  });
}

/**
 * A PsA with parameters, fields of the model or the number of NPUs replaced, as `--set` takes them: `workload.dp=8`,
 * `workload.dp=1,2,4` (values to vary), `collective.algorithm=all` (every category), `network.npus[0]=8` (one
 * dimension), `model.layers=4` (in every phase), `system.npus=512`. Later ones win.
 *
 * @throws CosmicError ARGUMENT, UNKNOWN_PARAMETER, SCHEMA, VALUE_OUT_OF_RANGE, naming the argument
 * @example
 * applyOverrides(loadPsa('cosmic-full'), ['workload.dp=8', 'model.layers=4']);
 */
export function applyOverrides(psa: Psa, set: readonly string[]): Psa {
  const overrides = set.map(parsed);
  const ofModel = ({ name }: Override) => name.startsWith('model.');
  const changed = overrides
    .filter((override) => !ofModel(override))
    .reduce(
      (changing, override) =>
        override.name === 'system.npus' ? overrideNpus(changing, override) : overrideParameter(changing, override),
      overrideModel(psa, overrides.filter(ofModel)),
    );
  return { ...changed, overrides: [...psa.overrides, ...overrides.map(({ name, text }) => `${name}=${text}`)] };
}
