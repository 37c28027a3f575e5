import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeLeftovers, writeAtomically, writeFirst } from './files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cosmic-runs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('writeAtomically', () => {
  it('leaves the old file whole, and nothing else behind, where writing fails', () => {
    // The name is as long as names may be, so the temporary file beside it cannot be made.
    const path = join(folder, 'x'.repeat(255));
    writeFileSync(path, 'old');
    expect(() => writeAtomically(path, 'new')).toThrow(expect.objectContaining({ code: 'DISK_WRITE', file: path }));
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('follows no link, neither in the place of the file nor beside it', () => {
    const victim = join(folder, 'victim');
    writeFileSync(victim, 'precious');
    const path = join(folder, 'file');
    for (const link of [path, `${path}.tmp`, `${path}.${process.pid}.tmp`]) symlinkSync(victim, link);
    writeAtomically(path, 'new');
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect([readFileSync(path, 'utf8'), lstatSync(path).isFile()]).toEqual(['new', true]);
  });
});

describe('writeFirst', () => {
  it('writes a file once, and over nothing, not even a link to nowhere', () => {
    const path = join(folder, 'deep', 'file');
    expect([writeFirst(path, 'first'), writeFirst(path, 'second')]).toEqual([true, false]);
    expect(readFileSync(path, 'utf8')).toBe('first');
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));
    expect(writeFirst(join(folder, 'link'), 'text')).toBe(false);
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['file']);
  });
});

describe('removeLeftovers', () => {
  it('removes what killed processes left, and nothing else', () => {
    const random = 'a'.repeat(32);
    // No system has a process of the largest number.
    const left = ['x.json.4294967295', `x.json.${process.pid}`].map((stem) => `${stem}.${random}.tmp`);
    const others = [`x.json.${process.ppid}.${random}.tmp`, 'mine.tmp', 'x.json', `x.${random}.tmp`];
    for (const name of [...left, ...others]) writeFileSync(join(folder, name), '');
    removeLeftovers(folder);
    expect(readdirSync(folder).sort()).toEqual(others.sort());
    expect(() => removeLeftovers(join(folder, 'nowhere'))).not.toThrow();
  });
});
