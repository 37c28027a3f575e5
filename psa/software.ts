import { checkedFile } from './checkedFile.js';
import type { Place, SourceDocument } from './document.js';
import { PARAMETERS, type ParameterName, slotOf } from './parameters.js';
import { presetFile } from './presets.js';
import { readSource } from './readSource.js';
import { type SoftwareFile, shortName } from './schema.js';
import { numberOf, type Scalar } from './specs.js';
import type { System } from './system.js';

/** What a measured run of a framework may have done that does not say. */
export interface Unsaid {
  /** Of mixtures of experts; undefined: any that fits. */
  readonly mixtureMicroBatches: readonly number[] | undefined;
  /** Slots of the switches of what it recomputes at a small loss of time. */
  readonly cheapRecomputation: readonly number[];
}

/** Defaults by full name; a parameter per dimension has one value for all of them, or a list. */
type Defaults = ReadonlyMap<string, readonly number[]>;

/** A framework: the parameters that it decides, with a default of its own for each. */
export interface Software {
  readonly name: string;
  readonly description: string;
  readonly defaults: Defaults;
  /** In the place of those on machines whose compute capability has this major number, or that say that they have none. */
  readonly onComputeCapability: ReadonlyMap<number | 'none', Defaults>;
  readonly unsaid: Unsaid;
  readonly file: string;
}

/** What a file says of a stack. */
type Said = Readonly<Record<string, Scalar | readonly Scalar[] | undefined>>;

/**
 * The framework that a file describes.
 *
 * @throws CosmicError SCHEMA, UNKNOWN_PARAMETER, VALUE_OUT_OF_RANGE
 */
export function readSoftware(source: SourceDocument): Software {
  const file: SoftwareFile = checkedFile('software', source);
  const { name, description = '', onComputeCapability = {}, unsaid } = file;
  const byCapability = Object.entries(onComputeCapability).map(
    ([major, decided]) => [major === 'none' ? major : Number(major), defaultsOf(decided)] as const,
  );
  return {
    name,
    description,
    defaults: defaultsOf(file),
    onComputeCapability: new Map(byCapability),
    unsaid: unsaidOf(unsaid),
    file: source.file,
  };
}

function defaultsOf(decided: object): Defaults {
  const defaults = new Map<string, readonly number[]>();
  for (const parameter of PARAMETERS) {
    const stack = (decided as Readonly<Record<string, unknown>>)[parameter.stack] as Said | undefined;
    const value = stack?.[shortName(parameter)];
    if (value === undefined) continue;
    defaults.set(
      parameter.name,
      [value].flat().map((scalar) => numberOf(parameter, scalar as Scalar)),
    );
  }
  return defaults;
}

function unsaidOf(file: SoftwareFile['unsaid']): Unsaid {
  return {
    mixtureMicroBatches: file?.mixtureMicroBatches,
    cheapRecomputation: (file?.cheapRecomputation ?? []).map((name) => slotOf(`workload.${name}` as ParameterName)),
  };
}

/**
 * Loads a framework: a preset's name, or the path of a YAML file.
 *
 * @param from the file that names it; paths are relative to that
 * @throws CosmicError UNKNOWN_PRESET, FILE_NOT_FOUND, YAML_SYNTAX, SCHEMA, UNKNOWN_PARAMETER, VALUE_OUT_OF_RANGE
 * @example
 * loadSoftware('megatron-lm-2021').defaults.get('workload.gradientBytes'); // [2]
 */
export function loadSoftware(nameOrPath: string, place: Place = {}, from?: string): Software {
  return readSoftware(readSource(presetFile('software', nameOrPath, place, from)));
}

const SEPARATOR = ', ';

/** A machine and the framework on it, by the name that {@link withSoftware} gives them. */
export function machineAndSoftware(systemName: string): { readonly machine: string; readonly software?: string } {
  const at = systemName.lastIndexOf(SEPARATOR);
  if (at < 0) return { machine: systemName };
  return { machine: systemName.slice(0, at), software: systemName.slice(at + SEPARATOR.length) };
}

/** The system with what the framework decides in the place of its own; where there is none, the system. */
export function withSoftware(system: System, software: Software | undefined): System {
  if (software === undefined) return system;
  const defaults = new Map(system.defaults);
  const { computeCapability } = system;
  const onItsChip = computeCapability === undefined ? undefined : software.onComputeCapability.get(computeCapability);
  for (const [name, values] of [...software.defaults, ...(onItsChip ?? [])]) {
    const count = system.defaults.get(name)!.length;
    defaults.set(name, values.length === 1 ? new Array<number>(count).fill(values[0]!) : values.slice(0, count));
  }
  return { ...system, name: [system.name, software.name].join(SEPARATOR), defaults };
}
