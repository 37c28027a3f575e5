import { readFileSync } from 'node:fs';
import { CosmicError } from './errors.js';

/**
 * Text of a file.
 *
 * @param remedy what to do where there is none, for the error
 * @throws CosmicError FILE_NOT_FOUND or FILE_UNREADABLE
 */
export function readText(file: string, remedy: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new CosmicError(
      missing ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE',
      missing ? 'there is no such file' : `cannot read the file (${systemReason(error)})`,
      { file, remedy },
    );
  }
}

/** `ENOSPC: no space left on device`: what Node says, without the call and the path. */
export function systemReason(error: unknown): string {
  return error instanceof Error ? (error.message.split(',')[0] ?? error.message) : String(error);
}
