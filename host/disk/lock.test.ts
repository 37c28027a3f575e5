import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../test/temporaryFolder.js';
import { takeLock } from './lock.js';

const before = vi.hoisted(() => ({ reading: (_: string): void => undefined }));
vi.mock(import('../../psa/files.js'), async (original) => {
  const files = await original();
  return {
    ...files,
    readText: (file, ...others) => {
      before.reading(file);
      return files.readText(file, ...others);
    },
  };
});
afterEach(() => {
  before.reading = () => undefined;
});

const file = join(temporaryFolder('locks'), 'lock');

it('is one process at a time, and gives back what it took', () => {
  writeFileSync(file, `${process.ppid} ${hostname()}\n`);
  expect(takeLock(file)).toBeUndefined();
  rmSync(file);
  const release = takeLock(file)!;
  expect(readFileSync(file, 'utf8')).toBe(`${process.pid} ${hostname()}\n`);
  release();
  expect(existsSync(file)).toBe(false);
});

it('is taken where the other process gives it back at that moment', () => {
  writeFileSync(file, `${process.ppid} ${hostname()}\n`);
  before.reading = (read) => rmSync(read);
  takeLock(file)!();
  expect(existsSync(file)).toBe(false);
});
