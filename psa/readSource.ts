/** Files as they are read; of presets what the build has made of them, so that a start neither parses nor checks them again. */
import { existsSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { type Path, type Place, parseSource, type SourceDocument } from './document.js';
import { readText } from './files.js';
import { once } from './once.js';
import { builtFolder, packageRoot } from './packageRoot.js';
import { type PresetKind, presetFolder } from './presets.js';

/** Of one preset. */
export interface Prepared {
  readonly kind: PresetKind;
  /** What it was made from: a preset that was edited since is read like any other file. */
  readonly text: string;
  /** As YAML says it. */
  readonly data: unknown;
  /** As its kind's schema gives it. */
  readonly checked: unknown;
}

/** `psa/presets/models/gpt3-13b.yaml` → `dist/psa/presets/models/gpt3-13b.json`. */
export function preparedFile(built: string, kind: PresetKind, name: string): string {
  return join(built, relative(packageRoot, presetFolder(kind)), `${name}.json`);
}

const PRESET = new RegExp(`^psa\\${sep}presets\\${sep}(\\w+)\\${sep}([^\\${sep}]+)\\.yaml$`);

function preparedOf(file: string): Prepared | undefined {
  const [, kind, name] = (builtFolder && PRESET.exec(relative(packageRoot, file))) || [];
  if (kind === undefined || name === undefined) return undefined;
  const prepared = preparedFile(builtFolder!, kind as PresetKind, name);
  return existsSync(prepared) ? JSON.parse(readFileSync(prepared, 'utf8')) : undefined;
}

/** A preset as the build has prepared it; lines are counted where an error asks for them. */
function preparedSource(text: string, file: string): SourceDocument | undefined {
  const prepared = preparedOf(file);
  if (prepared?.text !== text) return undefined;
  const { kind, data, checked } = prepared;
  const source = once(() => parseSource(text, file));
  const place = (path: Path): Place => ({
    file,
    get line() {
      return source().place(path).line!;
    },
  });
  const keyPlace = (path: Path, key: string) => source().keyPlace(path, key);
  return { file, text, data, place, keyPlace, checked: { kind, file: checked } };
}

/** Presets as they were read last: tables of runs and studies read the same ones thousands of times. */
const known = new Map<string, SourceDocument>();

/** Bytes of a file that people write; the presets have a few thousand. */
const MOST_BYTES = 2 ** 18;

/**
 * Reads a YAML file, keeping line numbers.
 *
 * @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE, YAML_SYNTAX
 */
export function readSource(file: string): SourceDocument {
  const remedy = `give the path of a YAML file of at most ${MOST_BYTES / 2 ** 10} KiB`;
  const text = readText(file, remedy, MOST_BYTES);
  const before = known.get(file);
  if (before?.text === text) return before;
  const source = preparedSource(text, file) ?? parseSource(text, file);
  if (PRESET.test(relative(packageRoot, file))) known.set(file, source);
  return source;
}
