/** The one way to stdout and stderr: whole or an error, and nothing in it that commands a terminal. */
import { fstatSync, writeFileSync } from 'node:fs';
import { CosmicError, withoutControls } from '../../psa/errors.js';
import { systemReason } from '../../psa/files.js';
import { colors, errorColors } from './colors.js';
import { joinLines } from './terminal.js';

/**
 * Prints an answer on stdout: JSON where that is asked for, else lines, broken where the terminal is narrower.
 *
 * @throws CosmicError DISK_WRITE where stdout is a file that cannot take all of it
 * @example
 * print(options.json, () => ({ file }), () => [`written to ${file}`]);
 */
export function print(json: boolean | undefined, value: () => unknown, lines: () => readonly string[]): void {
  if (json === true) printJson(value());
  else printText(`${joinLines(lines())}\n`);
}

/** @throws CosmicError DISK_WRITE as {@link print} does */
export function printJson(value: unknown): void {
  writeOut(`${escapedControls(JSON.stringify(value, null, 2))}\n`);
}

/** @throws CosmicError DISK_WRITE as {@link print} does */
export function printText(text: string): void {
  writeOut(harmless(text, colors.isColorSupported));
}

/** Says on stderr, on a line of its own, what is no part of the answer. A reader that is gone misses it. */
export function note(line: string): void {
  process.stderr.write(`${harmless(line, errorColors.isColorSupported)}\n`);
}

/** Writes over the line that the cursor of a terminal stands on. */
export function redraw(line: string): void {
  process.stderr.write(`\r\x1b[K${harmless(line, errorColors.isColorSupported)}`);
}

/** What stdout did not take. */
export function lostOutput(error: unknown): CosmicError {
  return new CosmicError('DISK_WRITE', `cannot write the answer (${systemReason(error)})`, {
    file: 'stdout',
    remedy: 'free some space, or send it elsewhere; files that the command has written are whole',
  });
}

/** By hand where stdout is a file: Node takes a write that a full disk cut short for a whole one. */
function writeOut(text: string): void {
  const { fd, isTTY } = process.stdout;
  if (isTTY || !isFileOrDevice(fd)) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(fd, text);
  } catch (error) {
    throw lostOutput(error);
  }
}

function isFileOrDevice(descriptor: number): boolean {
  const status = fstatSync(descriptor);
  return status.isFile() || status.isCharacterDevice();
}

const COLOR = new RegExp(`(${String.fromCharCode(0x1b)}\\[\\d{1,2}m)`);

/** Colours are ours where there are any; all else that commands a terminal came with a name, and is written out. */
function harmless(text: string, colored: boolean): string {
  const line = (part: string) =>
    part
      .split(COLOR)
      .map((piece, i) => (colored && i % 2 === 1 ? piece : withoutControls(piece)))
      .join('');
  return text.split('\n').map(line).join('\n');
}

/** JSON escapes no control characters above the first 32. */
function escapedControls(json: string): string {
  return json.replaceAll(/[\u007f-\u009f]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}
