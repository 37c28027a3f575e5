/** The command before the first build, and after. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../psa/packageRoot.js';

function launch(folder: string, ...args: string[]) {
  return spawnSync(process.execPath, [join(folder, 'bin', 'cosmic.mjs'), ...args], { encoding: 'utf8' });
}

it('says how to build what is not built yet', () => {
  const clone = mkdtempSync(join(tmpdir(), 'cosmic-clone-'));
  try {
    cpSync(join(packageRoot, 'bin'), join(clone, 'bin'), { recursive: true });
    const { status, stdout, stderr } = launch(clone, 'doctor');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^error: cosmic is not built yet.*\n {2}at: {2}.*cosmic-clone-.*\n {2}fix: run npm start/);
  } finally {
    rmSync(clone, { recursive: true });
  }
});

it('runs what is built', () => {
  expect(launch(packageRoot, '--version')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
});
