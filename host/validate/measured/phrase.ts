/** What a run states in words, and what that sets. */
import type { TrainingRow } from './row.js';

export interface Phrase {
  readonly pattern: RegExp;
  readonly says: string;
  /** Overrides, as `--set` takes them; empty where the phrase does not matter to this row. */
  readonly set: (match: RegExpExecArray, row: TrainingRow) => readonly string[];
}

export const always =
  (...set: readonly string[]) =>
  () =>
    set;

/** GPUs of a node of those sources that state a node's network. */
export const NODE = 8;
