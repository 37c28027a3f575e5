/** The presets that the build has prepared are what their YAML says, and errors tell its lines. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../psa/packageRoot.js';
import { prepare } from '../psa/preparePresets.js';
import { listPresets, PRESET_KINDS, presetFile } from '../psa/presets.js';
import { preparedFile } from '../psa/readSource.js';
import { cosmic } from './commandLine.js';

const built = join(packageRoot, 'dist');

describe.each(PRESET_KINDS)('%s', (kind) => {
  it.each(listPresets(kind))('%s is prepared as its YAML stands', (name) => {
    expect(JSON.parse(readFileSync(preparedFile(built, kind, name), 'utf8'))).toEqual(prepare(kind, name));
  });
});

it('an error in a preset has its line', async () => {
  const file = presetFile('spaces', 'cosmic-full', {});
  const lines = readFileSync(file, 'utf8').split('\n');
  const { code, stderr } = await cosmic(packageRoot, 'psa', 'count', 'cosmic-full', '--set', 'workload.dp=3');
  expect(code).toBe(2);
  expect(stderr).toContain(`${file}:${lines.findIndex((line) => line.includes('== system.npus')) + 1}\n`);
});

it('a preset that stands for something else is refused at its line', async () => {
  const file = presetFile('systems', 'dgx-h100', {});
  const { code, stderr } = await cosmic(packageRoot, 'simulate', '--model', file);
  expect(code).toBe(2);
  expect(stderr).toMatch(/dgx-h100\.yaml:\d+\n/);
});
