/** What went wrong, as a code that programs may switch on. */
export type ErrorCode =
  | 'FILE_NOT_FOUND'
  | 'FILE_UNREADABLE'
  | 'DISK_WRITE'
  | 'YAML_SYNTAX'
  | 'SCHEMA'
  | 'UNKNOWN_PARAMETER'
  | 'UNKNOWN_PRESET'
  | 'VALUE_OUT_OF_RANGE'
  | 'CONSTRAINT_SYNTAX'
  | 'CONSTRAINT_TOO_LARGE'
  | 'SPACE_EMPTY'
  | 'DESIGN_AMBIGUOUS'
  | 'ARGUMENT'
  | 'NO_ADAPTER'
  | 'DEVICE_LOST'
  | 'SHADER'
  | 'BACKEND_LIMIT'
  | 'QUEUE'
  | 'RUN_MISMATCH';

/**
 * A text with its middle left out where it is long.
 *
 * @example
 * excerpt('workload.dp * workload.tp <= 64', 20); // 'workload.d…tp <= 64'
 */
export function excerpt(text: string, most = 80): string {
  if (text.length <= most) return text;
  const half = Math.floor((most - 1) / 2);
  return `${text.slice(0, half)}…${text.slice(text.length - half)}`;
}

/** Control characters command a terminal, and some others change the order of what it shows: they are written out. */
export function withoutControls(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

/** One line of bounded length. */
function printable(text: string, most: number): string {
  return withoutControls(excerpt(text, most).replaceAll(/\s*[\r\n]+\s*/g, ' '));
}

/**
 * The one error type that users meet: what is wrong, where, and what to do about it.
 * The command line prints it in three lines and exits with 2; it never prints a stack.
 *
 * @example
 * throw new CosmicError('VALUE_OUT_OF_RANGE', 'workload.dp is 0', {
 *   file: 'my.yaml', line: 7, remedy: 'use a whole number of at least 1',
 * });
 */
export class CosmicError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly file: string | undefined;
  /** 1-based line in {@link file}. */
  readonly line: number | undefined;

  /** Texts become one line each, without control characters and of bounded length: they quote what users and files say. */
  constructor(code: ErrorCode, message: string, where: { remedy: string; file?: string; line?: number }) {
    super(printable(message, 600));
    this.name = 'CosmicError';
    this.code = code;
    this.remedy = printable(where.remedy, 1200);
    this.file = where.file === undefined ? undefined : printable(where.file, 400);
    this.line = where.line;
  }

  /** `file:line`, or an empty string where the error has no place in a file. */
  get place(): string {
    if (this.file === undefined) return '';
    return this.line === undefined ? this.file : `${this.file}:${this.line}`;
  }
}
