/**
 * Megatron-DeepSpeed: a command line whose DeepSpeed configuration is a JSON file, which stands beside the script or is written by it
 * (github.com/deepspeedai/Megatron-DeepSpeed, examples_deepspeed).
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readText } from '../../../psa/files.js';
import type { ConfigurationFile } from '../configurationFile.js';
import { WITHOUT_EFFECT } from '../deepspeed/effects.js';
import { readYaml } from '../tree/yaml.js';
import { DEEPSPEED, INSIDE, inside } from './deepspeedRows.js';

const DEEPSPEED_CONFIG = ['--deepspeed_config', '--deepspeed-config'] as const;

/** Longer files are no configurations. */
const MOST_BYTES = 2 ** 20;

/** The JSON text: what the script writes, or a file where the script says, or beside the script. */
function jsonText({ file, files }: ConfigurationFile, path: string): string | undefined {
  const written = files?.get(path);
  if (written !== undefined) return written;
  const places = [path, join(dirname(file), path), join(dirname(file), basename(path))];
  const found = places.find((one) => existsSync(one));
  return found === undefined ? undefined : readText(found, "name DeepSpeed's JSON file", MOST_BYTES);
}

/**
 * A command line with the settings of its DeepSpeed file among its own, each as {@link inside} names it.
 *
 * @throws CosmicError SCHEMA where that is no JSON file
 */
export function withDeepspeed(own: ConfigurationFile): ConfigurationFile {
  const value = DEEPSPEED_CONFIG.map((name) => own.settings.get(name)?.values[0]).find((one) => one !== undefined);
  if (value === undefined || !own.settings.has(DEEPSPEED)) return own;
  // A folder that only a command would print is left out; what the script writes has its path without it, too.
  const text = basename(value.text) === '' ? undefined : jsonText(own, value.text);
  if (text === undefined) {
    return withNote(
      own,
      `${value.text === '' ? value.unknown : value.text} is not read: it stands neither in the script nor beside it`,
    );
  }
  const { settings } = readYaml(text, basename(value.text), () => undefined);
  const read = [...settings].filter(([name]) => !WITHOUT_EFFECT.test(name));
  return {
    ...members(own),
    settings: new Map([...own.settings, ...read.map(([name, one]) => [inside(name), one] as const)]),
    nameOf: (name) => (name.startsWith(INSIDE) ? name.slice(INSIDE.length) : name),
  };
}

function members(own: ConfigurationFile): ConfigurationFile {
  const { file, text, settings, npus, notes } = own;
  return { file, text, settings, npus, notes, edited: (changes) => own.edited(changes) };
}

function withNote(own: ConfigurationFile, note: string): ConfigurationFile {
  return { ...members(own), notes: [...own.notes, note] };
}
