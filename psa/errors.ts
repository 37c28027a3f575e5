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
  | 'RUN_MISMATCH';

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

  constructor(code: ErrorCode, message: string, where: { remedy: string; file?: string; line?: number }) {
    super(message);
    this.name = 'CosmicError';
    this.code = code;
    this.remedy = where.remedy;
    this.file = where.file;
    this.line = where.line;
  }

  /** `file:line`, or an empty string where the error has no place in a file. */
  get place(): string {
    if (this.file === undefined) return '';
    return this.line === undefined ? this.file : `${this.file}:${this.line}`;
  }
}
