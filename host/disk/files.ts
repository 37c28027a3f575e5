import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { CosmicError } from '../../psa/errors.js';
import { systemReason } from '../../psa/files.js';

/** A temporary file beside the one that it becomes: the process that writes it, and what nobody can guess. */
const TEMPORARY = /\.(\d{1,10})\.[0-9a-f]{32}\.tmp$/;

/**
 * Writes a file so that it is either the old one or the new one, whatever happens meanwhile; makes its folder. A link in its
 * place is replaced, not followed.
 *
 * @throws CosmicError DISK_WRITE where the disk is full or does not let us; the old file is then still there
 */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  onDisk(path, () => {
    const temporary = writeBeside(path, content);
    try {
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  });
}

/**
 * Writes a file that nobody has written yet, whole or not at all; makes its folder. Of several processes that try at once, one
 * comes first.
 *
 * @returns false where there is something of that name
 * @throws CosmicError DISK_WRITE
 */
export function writeFirst(path: string, content: string): boolean {
  return onDisk(path, () => {
    const temporary = writeBeside(path, content);
    try {
      nameOnce(temporary, path);
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    } finally {
      rmSync(temporary, { force: true });
    }
  });
}

/** Gives a file a second name, which nothing may have. */
function nameOnce(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw error;
    // Some file systems have no links; there a kill may leave a part of the file.
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  }
}

/**
 * Adds a line to a file; makes the file and its folder.
 *
 * @throws CosmicError DISK_WRITE
 */
export function appendLine(path: string, line: string): void {
  onDisk(path, () => {
    makeFolder(dirname(path));
    writeFileSync(path, `${line}\n`, { flag: 'a' });
  });
}

/** Makes a folder and those above it. By hand: Node's own way has no end where a file system takes no folders, as /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** Removes what killed processes left of files that they wrote into a folder. */
export function removeLeftovers(folder: string): void {
  for (const name of namesIn(folder)) {
    const writer = TEMPORARY.exec(name)?.[1];
    if (writer === undefined || isAtWork(Number(writer))) continue;
    try {
      rmSync(join(folder, name), { force: true });
    } catch {
      // It is in nobody's way.
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Is another process of this number there? One of our own number was before us: we leave nothing half written. */
export function isAtWork(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/**
 * Writes a file under a name of its own beside a path, and waits until the disk has it; leaves no part of it behind. It must
 * not be there yet: so nobody's file is written over, nor one that a link leads to. By hand, since write-file-atomic opens a
 * name that can be foreseen, whatever is there, and takes a write that a full disk cut short for a whole one.
 */
function writeBeside(path: string, content: string | Uint8Array): string {
  makeFolder(dirname(path));
  const temporary = `${path}.${process.pid}.${randomBytes(16).toString('hex')}.tmp`;
  const file = openSync(temporary, 'wx');
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  return temporary;
}

function onDisk<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new CosmicError('DISK_WRITE', `cannot write the file (${systemReason(error)})`, {
      file: path,
      remedy: 'free some space, or name a place that you may write to; what was written before is still there',
    });
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
