import type { Place } from './document.js';
import { CosmicError } from './errors.js';
import { checkPhase, featuresOf } from './model.js';
import { findParameter, PARAMETERS, type ParameterDefinition } from './parameters.js';
import type { Psa } from './psa.js';
import { npusSchema, phaseSchema } from './schema.js';
import type { ModelPhase } from './space.js';
import { type FlatSpec, type ParameterSpec, type Scalar, specSchema } from './specs.js';
import { suggest } from './suggest.js';
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
  const known = [
    ...PARAMETERS.map((parameter) => parameter.name),
    ...Object.keys(phaseSchema.shape).map((field) => `model.${field}`),
    'system.npus',
  ];
  return new CosmicError('UNKNOWN_PARAMETER', `there is no parameter '${name}'`, {
    ...place,
    remedy: suggest(name, known),
  });
}

/** A list for a parameter that the PsA varies per dimension goes to each dimension. */
function asBefore(before: ParameterSpec | undefined, spec: FlatSpec): ParameterSpec {
  const perDimension = typeof before === 'object' && 'perDimension' in before;
  return perDimension && typeof spec === 'object' ? { perDimension: spec } : spec;
}

function checkDimension(psa: Psa, parameter: ParameterDefinition, dimension: number, place: Place): void {
  if (parameter.perDimension && dimension < psa.dimensions) return;
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
    for (let d = 0; d < psa.dimensions; d++) parameters.delete(`${name}[${d}]`);
    parameters.set(name, { value: asBefore(psa.parameters.get(name)?.value, flat), place });
  } else {
    checkDimension(psa, parameter, Number(index), place);
    parameters.set(name, { value: flat, place });
  }
  return { ...psa, parameters };
}

/** Does a phase have the field as a size of its own? A decoded token is one token, and only decoding has a cache. */
function applies(field: string, { phase }: ModelPhase): boolean {
  if (field === 'seq') return phase !== 'decode';
  return field !== 'context' || phase === 'decode';
}

/** A field with those that follow from it. */
function changed(phase: ModelPhase, field: string, value: unknown): ModelPhase {
  if (field === 'mlp') return { ...phase, ...featuresOf(value as Parameters<typeof featuresOf>[0]) };
  const next = { ...phase, [field]: value };
  if (field === 'seq') return { ...next, context: next.seq };
  if (field === 'hidden') return { ...next, headDim: next.hidden / next.heads };
  if (field !== 'heads') return next;
  const kvHeads = phase.kvHeads === phase.heads ? next.heads : Math.min(next.heads, phase.kvHeads);
  return { ...next, headDim: next.hidden / next.heads, kvHeads };
}

function overrideModel(psa: Psa, { name, text, place }: Override): Psa {
  const field = name.slice('model.'.length);
  if (!Object.hasOwn(phaseSchema.shape, field)) throw unknown(name, place);
  const { [field]: value } = validatedValue(phaseSchema, { [field]: scalar(text) }, 'model', place) as Record<
    string,
    unknown
  >;
  if (!psa.workload.phases.some((phase) => applies(field, phase))) {
    throw new CosmicError('ARGUMENT', `no phase of ${psa.workload.name} has ${name}`, {
      ...place,
      remedy: field === 'seq' ? 'use model.context for decoding' : 'use model.seq for training and prefill',
    });
  }
  const phases = psa.workload.phases.map((phase) =>
    applies(field, phase) ? checkPhase(changed(phase, field, value), place) : phase,
  );
  return { ...psa, workload: { ...psa.workload, phases } };
}

function overrideNpus(psa: Psa, { name, text, place }: Override): Psa {
  const npus = validatedValue(npusSchema, scalar(text), name, place);
  return { ...psa, system: { ...psa.system, npus } };
}

function parsed(argument: string): Override {
  const place = { file: `--set ${argument}` };
  const [, name, text] = /^\s*([\w.[\]]+)\s*=\s*(.+?)\s*$/.exec(argument) ?? [];
  if (name !== undefined && text !== undefined) return { name, text, place };
  throw new CosmicError('ARGUMENT', `'${argument}' is not name=value`, {
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
  return set.map(parsed).reduce((changing, override) => {
    if (override.name === 'system.npus') return overrideNpus(changing, override);
    if (override.name.startsWith('model.')) return overrideModel(changing, override);
    return overrideParameter(changing, override);
  }, psa);
}
