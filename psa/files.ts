import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { CosmicError } from './errors.js';

/** `ENOSPC: no space left on device`: what Node says, without the call and the path. */
export function systemReason(error: unknown): string {
  return error instanceof Error ? (error.message.split(',')[0] ?? error.message) : String(error);
}

/** A file that lies on a disk: pipes and devices may have no end, and opening them may wait for ever. */
function openRegular(file: string, remedy: string): { readonly descriptor: number; readonly size: number } {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const status = fstatSync(descriptor);
  if (status.isFile()) return { descriptor, size: status.size };
  closeSync(descriptor);
  const what = status.isDirectory() ? 'a folder' : 'a pipe or a device';
  throw new CosmicError('FILE_UNREADABLE', `this is ${what}, no file`, { file, remedy });
}

/** Read at once behind what the file's status says of its size. */
const PART_BYTES = 2 ** 12;

/** At most `most` + 1 bytes, whatever the file's status says of its size. */
function readAtMost(descriptor: number, size: number, most: number): Buffer {
  const parts: Buffer[] = [];
  for (let length = 0; length <= most; ) {
    const part = Buffer.alloc(Math.min(most + 1 - length, Math.max(size - length, PART_BYTES)));
    const read = readSync(descriptor, part);
    if (read === 0) break;
    length += read;
    parts.push(part.subarray(0, read));
  }
  return Buffer.concat(parts);
}

function contentOf(file: string, remedy: string, most: number): Buffer {
  const { descriptor, size } = openRegular(file, remedy);
  try {
    return readAtMost(descriptor, size, most);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Text of a file, which is a regular one in UTF-8.
 *
 * @param remedy what to do where it cannot be read
 * @param most bytes
 * @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE
 */
export function readText(file: string, remedy: string, most = 2 ** 28): string {
  try {
    const content = contentOf(file, remedy, most);
    if (content.length <= most) return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (error) {
    if (error instanceof CosmicError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new CosmicError('FILE_NOT_FOUND', 'there is no such file', { file, remedy });
    const reason = code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is no text in UTF-8' : systemReason(error);
    throw new CosmicError('FILE_UNREADABLE', `the file cannot be read: ${reason}`, { file, remedy });
  }
  throw new CosmicError('FILE_UNREADABLE', `the file has more than ${most.toLocaleString('en')} bytes`, {
    file,
    remedy,
  });
}
