/** A lock that one process has at a time: a file that names it. */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { CosmicError } from '../../psa/errors.js';
import { readText } from '../../psa/files.js';
import { isAtWork, writeAtomically, writeFirst } from './files.js';

/** The process, its machine, and what tells one lock from the next; versions before this one wrote no such word. */
const OWNER = /^(\d{1,10}) (\S+)(?: \S+)?\n$/;

/**
 * Takes a lock; one that a process of this machine left behind is taken over, by one process of many that try at once.
 *
 * @returns gives it back; undefined where another process has it
 * @throws CosmicError DISK_WRITE, FILE_UNREADABLE
 */
export function takeLock(file: string): (() => void) | undefined {
  const own = `${process.pid} ${hostname()} ${randomUUID()}\n`;
  const release = () => rmSync(file, { force: true });
  for (let tries = 0; tries < 2; tries++) {
    if (writeFirst(file, own)) return release;
    const owner = ownerOf(file);
    if (owner === undefined) continue;
    if (isHeld(owner)) return undefined;
    if (takeOver(file, owner, owner, own)) return release;
  }
  return undefined;
}

/**
 * Puts our lock in the place of one that was left behind. No file system replaces a file only if it is still what was read, so
 * who wants to first writes a claim that is named after the lock, which one process can, and looks again. A lock is replaced
 * before its claim goes, and none comes twice: who has the claim and finds the lock as it was is the only one, others came late.
 *
 * @param lock what stands in the file
 * @param dead whose heir we are: the lock itself, or a claim to it whose process ended before it was done
 */
function takeOver(file: string, lock: string, dead: string, own: string): boolean {
  const claim = `${file}.${dead.trim().replaceAll(' ', '.')}`;
  if (writeFirst(claim, own)) return replaceUnder(claim, file, lock, own);
  const claimant = ownerOf(claim);
  if (claimant === undefined || isHeld(claimant) || !takeOver(file, lock, claimant, own)) return false;
  rmSync(claim, { force: true });
  return true;
}

function replaceUnder(claim: string, file: string, lock: string, own: string): boolean {
  try {
    if (ownerOf(file) !== lock) return false;
    writeAtomically(file, own);
    return true;
  } finally {
    rmSync(claim, { force: true });
  }
}

/** Who is on another machine may be at work for all we know. */
function isHeld(owner: string): boolean {
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
