import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { compilePsa } from '../../psa/compile.js';
import { CosmicError } from '../../psa/errors.js';
import { loadPsa } from '../../psa/load.js';
import type { Psa } from '../../psa/psa.js';
import type { CompiledSpace } from '../../psa/space.js';
import { readText } from '../runs/files.js';
import { fingerprint, type SpaceReference } from '../runs/manifest.js';
import type { SpaceOptions } from './options.js';

/** A space that the command line named, with what a run has to remember of it. */
export interface OpenSpace {
  readonly psa: Psa;
  readonly space: CompiledSpace;
  readonly reference: SpaceReference;
}

/** Loads and compiles a PsA: a preset's name or a file, with overrides. */
export function openSpace(nameOrPath: string, options: SpaceOptions): OpenSpace {
  const psa = loadPsa(nameOrPath, options);
  const space = compilePsa(psa);
  return {
    psa,
    space,
    reference: {
      psa: existsSync(nameOrPath) ? resolve(nameOrPath) : nameOrPath,
      ...(options.system === undefined ? {} : { system: options.system }),
      ...(options.model === undefined ? {} : { model: options.model }),
      ...(options.profile === undefined ? {} : { profile: options.profile }),
      set: [...options.set],
      name: space.name,
      count: space.count.toString(),
      source: readText(psa.place.file ?? nameOrPath, 'name a preset or a PsA file'),
      fingerprint: fingerprint(space),
    },
  };
}

/**
 * Loads a run's space again.
 *
 * @param run folder, for the error
 * @throws CosmicError RUN_MISMATCH where it is no longer the space that the run was about
 */
export function reopenSpace(reference: SpaceReference, run: string): OpenSpace {
  const { psa, system, model, profile, set } = reference;
  const open = openSpace(psa, {
    set,
    ...(system === undefined ? {} : { system }),
    ...(model === undefined ? {} : { model }),
    ...(profile === undefined ? {} : { profile }),
  });
  if (open.reference.fingerprint !== reference.fingerprint) {
    throw new CosmicError('RUN_MISMATCH', `'${psa}' is no longer the space that the run was started with`, {
      file: run,
      remedy:
        'restore the PsA (its text is in manifest.json under space.source) and its system and model, or start a new run',
    });
  }
  return open;
}
