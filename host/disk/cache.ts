/** What is measured of a machine and kept for its user. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A file of the user's cache: in `$XDG_CACHE_HOME/cosmic`, or `~/.cache/cosmic`. */
export function cacheFile(name: string): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'cosmic', name);
}
