import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Place } from './document.js';
import { CosmicError } from './errors.js';
import { packageRoot } from './packageRoot.js';
import { suggest } from './suggest.js';

/** Each has a folder. */
export const PRESET_KINDS = ['spaces', 'systems', 'machines', 'software', 'models'] as const;
export type PresetKind = (typeof PRESET_KINDS)[number];

const SINGULAR: Record<PresetKind, string> = {
  spaces: 'PsA',
  systems: 'system',
  machines: 'machine',
  software: 'software',
  models: 'model',
};

/** A machine is a system that says nothing of its software, so it may stand for one. */
const FOLDERS: Record<PresetKind, readonly PresetKind[]> = {
  spaces: ['spaces'],
  systems: ['systems', 'machines'],
  machines: ['machines'],
  software: ['software'],
  models: ['models'],
};

export function presetFolder(kind: PresetKind): string {
  return join(packageRoot, 'psa', 'presets', kind);
}

/** Names of the presets of a kind, sorted. */
export function listPresets(kind: PresetKind): string[] {
  return readdirSync(presetFolder(kind))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

/** What to do about `meta-llama/Llama-3.1-8B`, the name of a repository where a file is expected; undefined of other paths. */
function repositoryRemedy(kind: PresetKind, path: string): string | undefined {
  const [, name] = /^[\w.-]+\/([\w.-]+)$/.exec(path) ?? [];
  if (kind !== 'models' || name === undefined || /^\.|\.(ya?ml|json)$/.test(path)) return undefined;
  const [family] = /^[a-z]+/.exec(name.toLowerCase().replace(/^meta-/, '')) ?? [];
  const kin = listPresets('models').filter((preset) => family !== undefined && preset.startsWith(family));
  const presets = kin.length === 0 ? 'name a preset' : `take one of ${kin.join(', ')}`;
  return `nothing is fetched: save the config.json of that repository and give its path, or ${presets}`;
}

function existingFile(kind: PresetKind, path: string, place: Place, from: string | undefined): string {
  const file = from === undefined ? path : resolve(dirname(from), path);
  if (existsSync(file)) return file;
  const own = from === undefined ? 'check the path, or name a preset' : `check the path, which is relative to ${from}`;
  throw new CosmicError('FILE_NOT_FOUND', `there is no file '${file}'`, {
    file,
    ...place,
    remedy: repositoryRemedy(kind, path) ?? own,
  });
}

/** Is this the path of a file? Otherwise it is a preset's name. */
export function isPath(nameOrPath: string): boolean {
  return /[\\/]|\.(ya?ml|json)$/.test(nameOrPath);
}

/**
 * The YAML file behind a preset's name or a path; paths in a file are relative to that file.
 *
 * @param from the file that names it
 * @throws CosmicError UNKNOWN_PRESET, FILE_NOT_FOUND
 */
export function presetFile(kind: PresetKind, nameOrPath: string, place: Place, from?: string): string {
  if (isPath(nameOrPath)) return existingFile(kind, nameOrPath, place, from);
  const file = FOLDERS[kind].map((folder) => join(presetFolder(folder), `${nameOrPath}.yaml`)).find(existsSync);
  if (file !== undefined) return file;
  const hint = suggest(nameOrPath, FOLDERS[kind].flatMap(listPresets));
  const own = 'file of your own needs a path that ends in .yaml or .json';
  throw new CosmicError('UNKNOWN_PRESET', `there is no ${SINGULAR[kind]} preset '${nameOrPath}'`, {
    ...place,
    remedy: hint.endsWith('?') ? `${hint} A ${own}` : `${hint}; a ${own}`,
  });
}
