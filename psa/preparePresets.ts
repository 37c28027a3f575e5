/** Run by the build, behind the compiler: dist/psa/presets, what {@link readSource} takes in the place of YAML. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { checkedFile } from './checkedFile.js';
import { parseSource } from './document.js';
import { readText } from './files.js';
import { builtFolder } from './packageRoot.js';
import { listPresets, PRESET_KINDS, type PresetKind, presetFile } from './presets.js';
import { type Prepared, preparedFile } from './readSource.js';

/** What is to be kept of a preset. */
export function prepare(kind: PresetKind, name: string): Prepared {
  const file = presetFile(kind, name, {});
  const source = parseSource(readText(file, 'mend the preset'), file);
  return { kind, text: source.text, data: source.data, checked: checkedFile(kind, source) };
}

if (builtFolder !== undefined) {
  for (const kind of PRESET_KINDS) {
    for (const name of listPresets(kind)) {
      const file = preparedFile(builtFolder, kind, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(prepare(kind, name)));
    }
  }
}
