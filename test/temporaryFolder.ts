import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A new folder for the tests of a file or of a `describe`, gone with what it holds when they have ended. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `cosmic-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files into a folder and tells their paths. */
export function writerIn(folder: string): (file: string, text: string) => string {
  return (file, text) => {
    const path = join(folder, file);
    writeFileSync(path, text);
    return path;
  };
}
