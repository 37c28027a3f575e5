import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/temporaryFolder.js';
import { shaderCache } from './shaderCache.js';

const home = temporaryFolder('cache');

it('is in the home folder, or where the environment says', () => {
  expect(shaderCache({}, home)).toEqual({ folder: join(home, '.cache', 'mesa_shader_cache_db'), off: undefined });
  expect(shaderCache({ XDG_CACHE_HOME: join(home, 'x') }, home).folder).toBe(join(home, 'x', 'mesa_shader_cache_db'));
  const both = { XDG_CACHE_HOME: join(home, 'x'), MESA_SHADER_CACHE_DIR: join(home, 'mesa') };
  expect(shaderCache(both, home).folder).toBe(join(home, 'mesa', 'mesa_shader_cache_db'));
});

it('is the folder that an older Mesa has made', () => {
  mkdirSync(join(home, 'old', 'mesa_shader_cache'), { recursive: true });
  expect(shaderCache({ XDG_CACHE_HOME: join(home, 'old') }, home).folder).toBe(join(home, 'old', 'mesa_shader_cache'));
});

it('is off where it is disabled', () => {
  expect(shaderCache({ MESA_SHADER_CACHE_DISABLE: 'true' }, home).off).toContain('MESA_SHADER_CACHE_DISABLE');
  expect(shaderCache({ MESA_SHADER_CACHE_DISABLE: 'false' }, home).off).toBeUndefined();
});
