import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { knownSettings } from '../framework.js';
import { MEGATRON } from './megatron.js';

/** All arguments that Megatron-LM's training has. */
const ARGUMENTS = readFileSync(join(packageRoot, 'test', 'data', 'megatron-arguments.txt'), 'utf8')
  .replaceAll(/^#.*$/gm, '')
  .trim()
  .split(/\s+/)
  .map((name) => `--${name}`);

const known = knownSettings(MEGATRON);
const isNoted = (name: string) => MEGATRON.notSimulated.some(({ settings }) => settings.test(name));

it('each argument is read, noted, refused, or known to change nothing', () => {
  expect(ARGUMENTS.length).toBeGreaterThan(575);
  const strange = ARGUMENTS.filter((name) => !known.has(name) && !MEGATRON.withoutEffect.test(name) && !isNoted(name));
  // Of models with an encoder, of which none is simulated.
  expect(strange).toEqual(['--decoder-num-layers', '--encoder-num-layers']);
});

it('none both changes nothing and is not simulated', () => {
  expect(ARGUMENTS.filter((name) => MEGATRON.withoutEffect.test(name) && isNoted(name))).toEqual([]);
});

it('what nobody has stays strange, however it begins', () => {
  for (const name of [
    '--recompute-granularty',
    '--pipeline-model-paralel-size',
    '--overlap-grad-redcue',
    '--moe-router-tpk',
  ]) {
    expect(MEGATRON.withoutEffect.test(name) || isNoted(name)).toBe(false);
  }
});
