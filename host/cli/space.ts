import { resolve } from 'node:path';
import { compilePsa } from '../../psa/compile.js';
import { CosmicError } from '../../psa/errors.js';
import { loadSources, type PsaSources, psaSources } from '../../psa/load.js';
import { isPath } from '../../psa/presets.js';
import type { Psa } from '../../psa/psa.js';
import type { CompiledSpace } from '../../psa/space.js';
import { fingerprint, type SpaceReference } from '../runs/manifest.js';
import type { SpaceOptions } from './options.js';

/** A space that the command line named, with what a run has to remember of it. */
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
function textsOf({ psa, system, model }: PsaSources): SpaceReference['sources'] {
  const text = ({ file, text }: PsaSources['psa']) => ({ file: resolve(file), text });
  return { psa: text(psa), system: text(system), model: model.map(text) };
}

/** Loads and compiles a PsA: a preset's name or a file, with overrides. */
export function openSpace(nameOrPath: string, options: SpaceOptions): OpenSpace {
  const sources = psaSources(nameOrPath, options);
  const psa = loadSources(sources, options);
  const space = compilePsa(psa);
  return {
    psa,
    space,
    reference: {
      psa: remembered(nameOrPath),
      ...(options.system === undefined ? {} : { system: remembered(options.system) }),
      ...(options.model === undefined ? {} : { model: remembered(options.model) }),
      ...(options.profile === undefined ? {} : { profile: options.profile }),
      set: [...options.set],
      name: space.name,
      count: space.count.toString(),
      sources: textsOf(sources),
      fingerprint: fingerprint(space),
    },
  };
}

/** What a run's files say today; undefined where they are not all there any more. */
function sourcesToday({ psa, system, model }: SpaceReference): PsaSources | undefined {
  try {
    return psaSources(psa, { ...(system === undefined ? {} : { system }), ...(model === undefined ? {} : { model }) });
  } catch (error) {
    if (error instanceof CosmicError) return undefined;
    throw error;
  }
}

/** Says on stderr which files of a run's space read otherwise today: the run goes by its own texts. */
function noteChanges({ sources }: SpaceReference, today: PsaSources | undefined, run: string): void {
  if (today === undefined) return;
  const now = new Map([today.psa, today.system, ...today.model].map(({ file, text }) => [resolve(file), text]));
  for (const { file, text } of [sources.psa, sources.system, ...sources.model]) {
    if (now.has(file) && now.get(file) !== text) {
      process.stderr.write(`note: ${file} has changed since the run ${run}, which goes by its own text of it\n`);
    }
  }
}

/**
 * The space of a run, from what its manifest holds: the files that it was read from may have moved or changed since.
 *
 * @param run folder, for notes and errors
 * @throws CosmicError RUN_MISMATCH where this version of cosmic makes another space of it
 */
export function reopenSpace(reference: SpaceReference, run: string): OpenSpace {
  const { profile, set, sources } = reference;
  const psa = loadSources(sources, { set, ...(profile === undefined ? {} : { profile }) });
  const space = compilePsa(psa);
  if (fingerprint(space) !== reference.fingerprint) {
    throw new CosmicError('RUN_MISMATCH', `'${reference.name}' is no longer the space that the run was started with`, {
      file: run,
      remedy: 'use the version of cosmic that wrote it (cosmic in manifest.json), or start a new run',
    });
  }
  noteChanges(reference, sourcesToday(reference), run);
  return { psa, space, reference };
}
