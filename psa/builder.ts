import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { compilePsa } from './compile.js';
import { type Place, parseSource, type SourceDocument } from './document.js';
import type { PsaSources } from './load.js';
import { modelSources, readModel, withMembers, workloadOf } from './model.js';
import { findParameter, type ParameterName } from './parameters.js';
import { isPath, presetFile } from './presets.js';
import { withProfile } from './profile.js';
import type { Placed, Psa } from './psa.js';
import { readSource } from './readSource.js';
import { constraintSchema, dimensionsSchema, type ModelFile, type SystemDescription, shortName } from './schema.js';
import { readSoftware, withSoftware } from './software.js';
import type { CompiledSpace, Profile } from './space.js';
import { type FlatSpec, type ParameterSpec, type Scalar, specSchema } from './specs.js';
import { unknownParameter } from './suggest.js';
import { readSystem } from './system.js';
import { validatedValue } from './validate.js';

/** These values: `values(1, 2, 4)`, `values('Ring', 'Switch')`. */
export function values(...list: readonly Scalar[]): FlatSpec {
  return { values: list };
}

/** Every value of a category. */
export function allValues(): FlatSpec {
  return { values: 'all' };
}

/** from, from + step, … up to `to`, which is included where a step meets it. */
export function range(from: number, to: number, step: number): FlatSpec {
  return { range: { from, to, step } };
}

/** The powers of two from `from` to `to`, both included. */
export function powersOfTwo(from: number, to: number | 'system.npus'): FlatSpec {
  return { powersOfTwo: { from, to } };
}

/** How a PsA file names a system or a model: a preset, an absolute path, or the name that code gave it. */
function nameOf(described: string | { readonly name: string }): string {
  if (typeof described !== 'string') return described.name;
  return isPath(described) ? resolve(described) : described;
}

interface Parts {
  readonly system: string | SystemDescription;
  readonly software: string | undefined;
  readonly model: string | ModelFile;
  readonly profile: Profile;
  readonly dimensions: number | undefined;
  readonly parameters: ReadonlyMap<string, Placed<ParameterSpec>>;
  readonly constraints: readonly Placed<string>[];
  readonly objective: Placed<string>;
}

/** A PsA in the making; each call returns a new one. */
export class PsaBuilder {
  readonly #name: string;
  readonly #parts: Parts;
  /** Errors name the builder in the place of a file. */
  readonly #place: Place;

  constructor(name: string, parts: Parts) {
    this.#name = name;
    this.#parts = parts;
    this.#place = { file: `psa('${name}')` };
  }

  #with(parts: Partial<Parts>): PsaBuilder {
    return new PsaBuilder(this.#name, { ...this.#parts, ...parts });
  }

  /** Target system: preset name, path, or what a system file would say. */
  system(system: string | SystemDescription): PsaBuilder {
    return this.#with({ system });
  }

  /** Framework that runs on it: preset name or path; without one, what the system says. */
  software(software: string): PsaBuilder {
    return this.#with({ software });
  }

  /** Workload: preset name, path, or what a model file would say. */
  model(model: string | ModelFile): PsaBuilder {
    return this.#with({ model });
  }

  /** Whose rules the simulator follows: `default` (physics) or `astra-sim`. */
  profile(profile: Profile): PsaBuilder {
    return this.#with({ profile });
  }

  /** Network dimensions, 1–4; by default the system's. */
  dimensions(count: number): PsaBuilder {
    return this.#with({ dimensions: validatedValue(dimensionsSchema(), count, 'dimensions', this.#place) });
  }

  #specify(name: ParameterName, spec: ParameterSpec): PsaBuilder {
    const parameter = findParameter(name);
    if (parameter === undefined) throw unknownParameter(name, this.#place);
    const value = validatedValue(specSchema(parameter), spec, name, this.#place);
    return this.#with({
      parameters: new Map(this.#parts.parameters).set(parameter.name, { value, place: this.#place }),
    });
  }

  /** Gives a parameter one value, in all network dimensions where it has one per dimension. */
  fix(name: ParameterName, value: Scalar): PsaBuilder {
    return this.#specify(name, value);
  }

  /** Varies a parameter; one that has a value per network dimension has the same in all of them. */
  vary(name: ParameterName, spec: FlatSpec): PsaBuilder {
    return this.#specify(name, spec);
  }

  /** Varies a parameter in each network dimension by itself: one spec for each of them, or a list. */
  perDimension(name: ParameterName, spec: FlatSpec | readonly FlatSpec[]): PsaBuilder {
    return this.#specify(name, { perDimension: spec });
  }

  /** Adds a constraint, such as `workload.dp * workload.tp <= 64`. */
  constrain(text: string): PsaBuilder {
    const value = validatedValue(constraintSchema(), text, 'constraint', this.#place);
    return this.#with({ constraints: [...this.#parts.constraints, { value, place: this.#place }] });
  }

  /** What is minimised, such as `time` or `time*cost`. */
  objective(objective: string): PsaBuilder {
    return this.#with({ objective: { value: objective, place: this.#place } });
  }

  /**
   * The PsA, as `loadPsa` gives it for a file.
   *
   * @throws CosmicError as `loadSystem` and `loadModel`
   */
  build(): Psa {
    const { system: _, software: __, model: ___, profile, dimensions, ...parts } = this.#parts;
    const software = this.#softwareSource();
    const system = withSoftware(readSystem(this.#systemSource()), software && readSoftware(software));
    const model = readModel(this.#modelSources());
    return {
      name: this.#name,
      description: '',
      place: this.#place,
      system,
      model,
      workload: withProfile(workloadOf(model), profile, this.#place),
      dimensions: dimensions ?? system.dimensions,
      ...parts,
      published: undefined,
      overrides: [],
    };
  }

  /** The system and the model as documents: files, or what code described, in the form of a file. */
  #systemSource(): SourceDocument {
    const { system } = this.#parts;
    if (typeof system === 'string') return readSource(presetFile('systems', system, this.#place));
    return parseSource(stringify(system), `${this.#place.file}.system`);
  }

  #softwareSource(): SourceDocument | undefined {
    const { software } = this.#parts;
    return software === undefined ? undefined : readSource(presetFile('software', software, this.#place));
  }

  #modelSources(): SourceDocument[] {
    const { model } = this.#parts;
    if (typeof model === 'string') return modelSources(model, this.#place);
    return withMembers(parseSource(stringify(model), `${this.#place.file}.model`));
  }

  /**
   * The PsA as the text of a PsA file. The profile is no part of it: `loadPsa` takes that beside the file. A system or model that
   * code described stands there by its name alone; {@link sources} has all of it.
   */
  yaml(): string {
    const { system, software, model, dimensions, parameters, constraints, objective } = this.#parts;
    const stacks: Record<string, Record<string, ParameterSpec>> = {};
    for (const [name, { value }] of parameters) {
      const parameter = findParameter(name)!;
      stacks[parameter.stack] = { ...stacks[parameter.stack], [shortName(parameter)]: value };
    }
    return stringify({
      version: 1,
      name: this.#name,
      system: nameOf(system),
      ...(software === undefined ? {} : { software: nameOf(software) }),
      model: nameOf(model),
      ...(dimensions === undefined ? {} : { dimensions }),
      ...stacks,
      ...(constraints.length === 0 ? {} : { constraints: constraints.map(({ value }) => value) }),
      objective: objective.value,
    });
  }

  /**
   * The texts that the PsA can be loaded from again, its own and those of its system and model: what a run on disk keeps.
   *
   * @throws CosmicError as `loadSystem` and `loadModel`
   */
  sources(): PsaSources {
    const software = this.#softwareSource();
    return {
      psa: { file: `psa('${this.#name}')`, text: this.yaml() },
      system: this.#systemSource(),
      ...(software === undefined ? {} : { software }),
      model: this.#modelSources(),
    };
  }

  /** The compiled space; see `compilePsa`. */
  compile(): CompiledSpace {
    return compilePsa(this.build());
  }
}

/**
 * Starts a PsA: GPT-3 175B on the 1,024 NPUs of `cosmic-1024`, with nothing varied yet.
 *
 * @example
 * psa('mine')
 *   .system('dgx-a100')
 *   .model('llama3-70b')
 *   .vary('workload.tp', values(1, 2, 4, 8))
 *   .perDimension('network.bandwidthGBps', range(100, 500, 100))
 *   .constrain('network.bandwidthGBps[0] >= network.bandwidthGBps[1]')
 *   .compile();
 */
export function psa(name: string): PsaBuilder {
  return new PsaBuilder(name, {
    system: 'cosmic-1024',
    software: undefined,
    model: 'gpt3-175b',
    profile: 'default',
    dimensions: undefined,
    parameters: new Map(),
    constraints: [],
    objective: { value: 'time', place: {} },
  });
}
