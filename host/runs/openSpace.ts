import { resolve } from 'node:path';
import { parseObjective } from '../../kernels/objective/objective.js';
import type { PsaBuilder } from '../../psa/builder.js';
import { compilePsa } from '../../psa/compile.js';
import { CosmicError } from '../../psa/errors.js';
import { type LoadOptions, loadSources, type PsaSources, psaSources } from '../../psa/load.js';
import { isPath } from '../../psa/presets.js';
import type { Psa } from '../../psa/psa.js';
import type { CompiledSpace, Profile } from '../../psa/space.js';
import { fingerprint } from './fingerprint.js';
import type { SpaceReference } from './manifest.js';

/** A space with what a run has to remember of it. */
export interface OpenSpace {
  readonly psa: Psa;
  readonly space: CompiledSpace;
  readonly reference: SpaceReference;
}

/** What a run remembers of a name: a path must not depend on the folder that the command ran in. */
function remembered(nameOrPath: string): string {
  return isPath(nameOrPath) ? resolve(nameOrPath) : nameOrPath;
}

/** The texts alone, for a manifest. */
function textsOf({ psa, system, software, model }: PsaSources): SpaceReference['sources'] {
  const text = ({ file, text }: PsaSources['psa']) => ({ file: remembered(file), text });
  return {
    psa: text(psa),
    system: text(system),
    ...(software === undefined ? {} : { software: text(software) }),
    model: model.map(text),
  };
}

/** What a PsA is loaded from, and how a run names that. */
interface Origin {
  readonly sources: PsaSources;
  readonly profile: Profile | undefined;
  readonly names: Pick<SpaceReference, 'psa' | 'system' | 'software' | 'model'>;
}

function namedOrigin(nameOrPath: string, options: LoadOptions): Origin {
  const { system, software, model, profile } = options;
  return {
    sources: psaSources(nameOrPath, options),
    profile,
    names: {
      psa: remembered(nameOrPath),
      ...(system === undefined ? {} : { system: remembered(system) }),
      ...(software === undefined ? {} : { software: remembered(software) }),
      ...(model === undefined ? {} : { model: remembered(model) }),
    },
  };
}

function builtOrigin(builder: PsaBuilder, { system, software, model, profile }: LoadOptions): Origin {
  let built = builder;
  if (system !== undefined) built = built.system(system);
  if (software !== undefined) built = built.software(software);
  if (model !== undefined) built = built.model(model);
  if (profile !== undefined) built = built.profile(profile);
  const sources = built.sources();
  return { sources, profile: built.build().workload.profile, names: { psa: sources.psa.file } };
}

/**
 * Loads and compiles a PsA, and keeps the texts that a run of it has to hold.
 *
 * @param source a preset's name, the path of a PsA file, or a PsA that is built in code
 * @throws CosmicError as `loadPsa` and `compilePsa`
 * @example
 * const { space } = openSpace('cosmic-workload', { model: 'gpt3-13b', set: ['workload.batch=256'] });
 */
export function openSpace(source: string | PsaBuilder, options: LoadOptions = {}): OpenSpace {
  const { sources, profile, names } =
    typeof source === 'string' ? namedOrigin(source, options) : builtOrigin(source, options);
  const { set = [] } = options;
  const rules = profile === undefined ? {} : { profile };
  const psa = loadSources(sources, { ...rules, set });
  parseObjective(psa.objective.value, psa.objective.place);
  const space = compilePsa(psa);
  return {
    psa,
    space,
    reference: {
      ...names,
      ...rules,
      set: [...set],
      name: space.name,
      count: space.count.toString(),
      sources: textsOf(sources),
      fingerprint: fingerprint(space),
    },
  };
}

/**
 * The space of a run, from what its manifest holds: the files that it was read from may have moved or changed since.
 *
 * @param run folder, for errors
 * @throws CosmicError RUN_MISMATCH where this version of cosmic makes another space of it
 */
export function reopenSpace(reference: SpaceReference, run: string): OpenSpace {
  const { profile, set, sources } = reference;
  const psa = loadSources(sources, { set, ...(profile === undefined ? {} : { profile }) });
  const space = compilePsa(psa);
  if (fingerprint(space) !== reference.fingerprint || space.count.toString() !== reference.count) {
    throw new CosmicError('RUN_MISMATCH', `'${reference.name}' is no longer the space that the run was started with`, {
      file: run,
      remedy: 'use the version of cosmic that wrote it (cosmic in manifest.json), or start a new run',
    });
  }
  return { psa, space, reference };
}
