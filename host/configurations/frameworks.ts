import { CosmicError } from '../../psa/errors.js';
import { readText } from '../../psa/files.js';
import type { ConfigurationFile } from './configurationFile.js';
import { DEEPSPEED } from './deepspeed/deepspeed.js';
import { type Framework, knownSettings } from './framework.js';
import { MAXTEXT } from './maxtext/maxtext.js';
import { MEGATRON } from './megatron/megatron.js';
import { NEMO } from './nemo/nemo.js';
import { refuseOtherPrograms, withoutSettings } from './otherPrograms.js';
import { TORCHTITAN } from './torchtitan/torchtitan.js';

/** The frameworks whose configurations are read and written, in the order in which a file is tried. */
export const FRAMEWORKS: readonly Framework[] = [TORCHTITAN, MAXTEXT, NEMO, DEEPSPEED, MEGATRON];

export const FRAMEWORK_NAMES: readonly string[] = FRAMEWORKS.map(({ name }) => name);

/** Longer files are no configurations. */
const MOST_BYTES = 2 ** 20;

/** The framework of a name that is one of {@link FRAMEWORK_NAMES}. */
export function frameworkOf(name: string): Framework {
  return FRAMEWORKS.find((one) => one.name === name)!;
}

/**
 * Reads a file's settings.
 *
 * @param format name of its framework; by its ending and its text unless given
 * @param given variables of the environment, for scripts
 * @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE, SCHEMA
 * @example
 * const { framework, file } = openConfiguration('train.sh');
 */
export function openConfiguration(
  path: string,
  format?: string,
  given: ReadonlyMap<string, string> = new Map(),
): { readonly framework: Framework; readonly file: ConfigurationFile } {
  const text = readText(path, 'name a script, a file of arguments or a recipe', MOST_BYTES);
  if (format === undefined) refuseOtherPrograms(path, text);
  const framework = format === undefined ? FRAMEWORKS.find((one) => one.recognises(path, text)) : frameworkOf(format);
  if (framework === undefined) throw unknown(path, text);
  const file = framework.parse(text, path, given);
  const known = knownSettings(framework);
  // What is there because nothing denies it has no line.
  const said = [...file.settings.values()].filter(({ place }) => place.line !== undefined);
  if (said.some(({ name }) => known.has(name))) return { framework, file };
  if (format === undefined) throw unknown(path, text);
  throw new CosmicError('SCHEMA', `the file has no setting of ${framework.title}`, {
    file: path,
    remedy: `give a configuration of ${framework.title}, or another --format (${FRAMEWORK_NAMES.join(', ')})`,
  });
}

/** What a file is said to be whose framework its ending and its text do not tell. */
function unknown(path: string, text: string): CosmicError {
  const instead = withoutSettings(text);
  if (instead !== undefined) {
    return new CosmicError('SCHEMA', `this is ${instead.what}`, { file: path, remedy: instead.remedy });
  }
  const remedy = path.endsWith('.py')
    ? 'a recipe in Python is a program: give what it makes, written as YAML or TOML, or the arguments that it runs with'
    : `give what ${FRAMEWORKS.map(({ title }) => title).join(', ')} runs with, or say which it is by --format; spaces go to cosmic sweep, models to --model`;
  return new CosmicError('SCHEMA', 'no framework is known whose configuration this is', { file: path, remedy });
}
