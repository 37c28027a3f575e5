/** A lock that one process has at a time: a file that names it. */
import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { CosmicError } from '../../psa/errors.js';
import { readText } from '../../psa/files.js';
import { isAtWork, writeFirst } from './files.js';

const OWNER = /^(\d{1,10}) (\S+)\n$/;

/**
 * Takes a lock; one that a process of this machine left behind is taken over.
 *
 * @returns gives it back; undefined where another process has it
 * @throws CosmicError DISK_WRITE, FILE_UNREADABLE
 */
export function takeLock(file: string): (() => void) | undefined {
  const own = `${process.pid} ${hostname()}\n`;
  for (let tries = 0; tries < 2; tries++) {
    if (writeFirst(file, own)) return () => rmSync(file, { force: true });
    if (isHeld(file)) return undefined;
    rmSync(file, { force: true });
  }
  return undefined;
}

/** Who is on another machine may be at work for all we know. */
function isHeld(file: string): boolean {
  const owner = ownerOf(file);
  if (owner === undefined) return false;
  const [, pid, host] = OWNER.exec(owner) ?? [];
  return pid === undefined || host !== hostname() || isAtWork(Number(pid));
}

/** What stands in a lock; undefined where its owner has given it back meanwhile. */
function ownerOf(file: string): string | undefined {
  try {
    return readText(file, 'remove the file');
  } catch (error) {
    if (error instanceof CosmicError && error.code === 'FILE_NOT_FOUND') return undefined;
    throw error;
  }
}
