import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../test/temporaryFolder.js';
import { takeLock } from './lock.js';

const NOTHING = vi.hoisted(
  () =>
    (_: string): void =>
      undefined,
);
const hooks = vi.hoisted(() => ({ beforeReading: NOTHING, afterReading: NOTHING }));
vi.mock(import('../../psa/files.js'), async (original) => {
  const files = await original();
  return {
    ...files,
    readText: (file, ...others) => {
      hooks.beforeReading(file);
      const text = files.readText(file, ...others);
      hooks.afterReading(file);
      return text;
    },
  };
});
afterEach(() => {
  Object.assign(hooks, { beforeReading: NOTHING, afterReading: NOTHING });
  rmSync(folder, { recursive: true });
});

const folder = temporaryFolder('locks');
const file = join(folder, 'lock');

/** No process has this number: those of Linux end at 2^22. */
const ENDED = 2 ** 22 + 1;
const lockOf = (pid: number, word: string) => `${pid} ${hostname()} ${word}\n`;
const claimOf = (pid: number, word: string) => `${file}.${pid}.${hostname()}.${word}`;
const read = () => readFileSync(file, 'utf8');
const ALIVE = lockOf(process.ppid, 'theirs');

/** What another process does once, after we have read a file. */
function afterReading(which: string, act: () => void): void {
  hooks.afterReading = (read) => {
    if (read !== which) return;
    hooks.afterReading = NOTHING;
    act();
  };
}

beforeEach(() => mkdirSync(folder, { recursive: true }));

it('is one process at a time, and gives back what it took', () => {
  writeFileSync(file, `${process.ppid} ${hostname()}\n`);
  expect(takeLock(file)).toBeUndefined();
  rmSync(file);
  const release = takeLock(file)!;
  expect(read()).toMatch(new RegExp(`^${process.pid} ${hostname()} [0-9a-f-]{36}\n$`));
  release();
  expect(existsSync(file)).toBe(false);
});

it('is taken where the other process gives it back at that moment', () => {
  writeFileSync(file, `${process.ppid} ${hostname()}\n`);
  hooks.beforeReading = (read) => rmSync(read);
  takeLock(file)!();
  expect(existsSync(file)).toBe(false);
});

it.each([lockOf(ENDED, 'old'), `${ENDED} ${hostname()}\n`])('is taken over from a process that ended: %j', (left) => {
  writeFileSync(file, left);
  const release = takeLock(file)!;
  expect(read()).toMatch(new RegExp(`^${process.pid} `));
  expect(readdirSync(folder)).toEqual(['lock']);
  release();
  expect(readdirSync(folder)).toEqual([]);
});

it('is not taken from the process that took it over since we read who left it', () => {
  writeFileSync(file, `${ENDED} ${hostname()}\n`);
  afterReading(file, () => writeFileSync(file, ALIVE));
  expect(takeLock(file)).toBeUndefined();
  expect(read()).toBe(ALIVE);
  expect(readdirSync(folder)).toEqual(['lock']);
});

it('is left to the process that is about to take it over', () => {
  writeFileSync(file, lockOf(ENDED, 'old'));
  writeFileSync(claimOf(ENDED, 'old'), ALIVE);
  expect(takeLock(file)).toBeUndefined();
  expect(read()).toBe(lockOf(ENDED, 'old'));
});

it('is taken over from a process that ended as it took it over', () => {
  writeFileSync(file, lockOf(ENDED, 'old'));
  writeFileSync(claimOf(ENDED, 'old'), lockOf(ENDED, 'heir'));
  takeLock(file)!();
  expect(readdirSync(folder)).toEqual([]);
});

it('of an heir that ended goes to nobody who comes late either', () => {
  writeFileSync(file, lockOf(ENDED, 'old'));
  writeFileSync(claimOf(ENDED, 'old'), lockOf(ENDED, 'heir'));
  afterReading(claimOf(ENDED, 'old'), () => {
    writeFileSync(file, ALIVE);
    rmSync(claimOf(ENDED, 'old'));
  });
  expect(takeLock(file)).toBeUndefined();
  expect(readdirSync(folder)).toEqual(['lock']);
  expect(read()).toBe(ALIVE);
});
