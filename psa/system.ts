import { checkedFile } from './checkedFile.js';
import type { Place, SourceDocument } from './document.js';
import { CosmicError } from './errors.js';
import { PARAMETERS, type ParameterDefinition } from './parameters.js';
import { presetFile } from './presets.js';
import { readSource } from './readSource.js';
import { factSourcesOf, type NetworkScalar, type SystemFile, shortName, TIERS } from './schema.js';
import type { FactSources } from './space.js';
import { numberOf, type Scalar } from './specs.js';

/** A target system: how many NPUs, and the default of every parameter. */
export interface System {
  readonly name: string;
  readonly description: string;
  readonly npus: number;
  /** Major number of NVIDIA's compute capability; `none` of other chips, undefined where a file does not say. */
  readonly computeCapability: number | 'none' | undefined;
  /** Network dimensions, 1–4. */
  readonly dimensions: number;
  /**
   * Per parameter a default for each dimension (one, if the parameter has none); undefined where the default follows from
   * the number of NPUs.
   */
  readonly defaults: ReadonlyMap<string, readonly (number | undefined)[]>;
  /** Price tier per dimension. */
  readonly tiers: readonly number[];
  readonly factSources: FactSources;
  readonly file: string;
}

/** Price tiers by number of dimensions, as in COSMIC's public code. */
const TIERS_BY_DIMENSIONS = [
  ['package'],
  ['package', 'pod'],
  ['package', 'node', 'pod'],
  ['chiplet', 'package', 'node', 'pod'],
] as const;

export function tiersOf(dimensions: number): number[] {
  return TIERS_BY_DIMENSIONS[dimensions - 1]!.map((tier) => TIERS.indexOf(tier));
}

function given(file: SystemFile, parameter: ParameterDefinition): Scalar | readonly (Scalar | undefined)[] | undefined {
  const name = shortName(parameter);
  if (parameter.stack !== 'network') return file[parameter.stack]?.[name];
  if (parameter.perDimension) return file.dimensions.map((dimension) => dimension[name]);
  return file[name as NetworkScalar];
}

function defaultsOf(file: SystemFile, parameter: ParameterDefinition, place: Place): (number | undefined)[] {
  const count = parameter.perDimension ? file.dimensions.length : 1;
  const value = given(file, parameter);
  const values = Array.isArray(value) ? value : new Array<Scalar | undefined>(count).fill(value as Scalar | undefined);
  if (values.length !== count) {
    throw new CosmicError('SCHEMA', `${parameter.name} has ${values.length} values for ${count} dimensions`, {
      ...place,
      remedy: 'give one value, or one per dimension',
    });
  }
  return values.map((scalar: Scalar | undefined) => {
    if (scalar !== undefined) return numberOf(parameter, scalar);
    return typeof parameter.neutral === 'object' ? numberOf(parameter, parameter.neutral.value) : undefined;
  });
}

/**
 * Loads a target system: a preset's name, or the path of a YAML file.
 *
 * @param from the file that names it; paths are relative to that
 * @throws CosmicError UNKNOWN_PRESET, FILE_NOT_FOUND, YAML_SYNTAX, SCHEMA, VALUE_OUT_OF_RANGE
 * @example
 * loadSystem('cosmic-1024').defaults.get('network.bandwidthGBps'); // [375, 175, 150, 100]
 */
export function loadSystem(nameOrPath: string, place: Place = {}, from?: string): System {
  return readSystem(readSource(presetFile('systems', nameOrPath, place, from)));
}

/**
 * The target system that a file describes.
 *
 * @throws CosmicError SCHEMA, VALUE_OUT_OF_RANGE
 */
export function readSystem(source: SourceDocument): System {
  const file = checkedFile('systems', source);
  const dimensions = file.dimensions.length;
  if (file.tiers !== undefined && file.tiers.length !== dimensions) {
    throw new CosmicError('SCHEMA', `${file.tiers.length} tiers for ${dimensions} dimensions`, {
      ...source.place(['tiers']),
      remedy: 'give one tier per dimension, or none',
    });
  }
  return {
    name: file.name,
    description: file.description ?? '',
    npus: file.npus,
    computeCapability: file.computeCapability,
    dimensions,
    defaults: new Map(
      PARAMETERS.map((parameter) => [
        parameter.name,
        defaultsOf(file, parameter, source.place([parameter.stack, shortName(parameter)])),
      ]),
    ),
    tiers: file.tiers?.map((tier) => TIERS.indexOf(tier)) ?? tiersOf(dimensions),
    factSources: factSourcesOf(file),
    file: source.file,
  };
}
