import { appendFileSync, closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CosmicError } from '../../psa/errors.js';
import { systemReason } from '../../psa/files.js';

/**
 * Writes a file so that it is either the old one or the new one, whatever happens meanwhile; makes its folder.
 * By hand, since write-file-atomic takes a write that a full disk cut short for a whole one.
 *
 * @throws CosmicError DISK_WRITE where the disk is full or does not let us; the old file is then still there
 */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeToDisk(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    throw new CosmicError('DISK_WRITE', `cannot write the file (${systemReason(error)})`, {
      file: path,
      remedy: 'free some space, or name a place that you may write to; what was written before is still there',
    });
  }
}

/**
 * Adds a line to a file; makes the file and its folder.
 *
 * @throws CosmicError DISK_WRITE
 */
export function appendLine(path: string, line: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    appendFileSync(path, `${line}\n`);
  } catch (error) {
    throw new CosmicError('DISK_WRITE', `cannot write the file (${systemReason(error)})`, {
      file: path,
      remedy: 'free some space, or name a place that you may write to',
    });
  }
}

/** Writes a file and waits until the disk has it; leaves no part of it behind. */
function writeToDisk(path: string, content: string | Uint8Array): void {
  const file = openSync(path, 'w');
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}
