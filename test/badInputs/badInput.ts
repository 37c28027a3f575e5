/** A command that has to be refused, and how. */
import type { ErrorCode } from '../../psa/errors.js';

export interface BadInput {
  /** What is wrong with it. */
  readonly name: string;
  /** The command line; `FILE` stands for the file's path. */
  readonly args: readonly string[];
  /** Text of a file that the command reads. */
  readonly file?: { readonly name: string; readonly text: string };
  readonly codes: readonly ErrorCode[];
  /** Part of the place that the error names. */
  readonly at?: string;
  /** The place ends with this line of the file. */
  readonly line?: number;
  /** Part of the remedy. */
  readonly fix?: string;
}

/** What the file's path is called in {@link BadInput.args}. */
export const FILE = 'FILE';

/** Each command with each kind of input. */
export function crossed<A, B>(some: readonly A[], others: readonly B[], of: (a: A, b: B) => BadInput): BadInput[] {
  return some.flatMap((a) => others.map((b) => of(a, b)));
}
