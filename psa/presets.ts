import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Place } from './document.js';
import { CosmicError } from './errors.js';
import { packageRoot } from './packageRoot.js';
import { suggest } from './suggest.js';

export type PresetKind = 'spaces' | 'systems' | 'models';

const SINGULAR: Record<PresetKind, string> = { spaces: 'PsA', systems: 'system', models: 'model' };

function presetFolder(kind: PresetKind): string {
  return join(packageRoot, 'psa', 'presets', kind);
}

/** Names of the presets of a kind, sorted. */
export function listPresets(kind: PresetKind): string[] {
  return readdirSync(presetFolder(kind))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

/**
 * The YAML file behind a preset's name or a path; paths in a file are relative to that file.
 *
 * @throws CosmicError UNKNOWN_PRESET
 */
export function presetFile(kind: PresetKind, nameOrPath: string, place: Place, from?: string): string {
  if (/[\\/]|\.ya?ml$/.test(nameOrPath)) return from === undefined ? nameOrPath : resolve(dirname(from), nameOrPath);
  const file = join(presetFolder(kind), `${nameOrPath}.yaml`);
  if (existsSync(file)) return file;
  throw new CosmicError('UNKNOWN_PRESET', `there is no ${SINGULAR[kind]} preset '${nameOrPath}'`, {
    ...place,
    remedy: `${suggest(nameOrPath, listPresets(kind))} A file of your own needs a path that ends in .yaml.`,
  });
}
