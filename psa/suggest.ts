import type { Place } from './document.js';
import { CosmicError, excerpt } from './errors.js';
import { meaningOf } from './fieldWords.js';
import { PARAMETERS } from './parameters.js';

/** Levenshtein's edit distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** No name is longer, and distances take the product of the lengths. */
const LONGEST = 100;

/** A slip of the fingers: few letters of the last part, and no digit, which tells generations apart. */
function isSlip(name: string, candidate: string, distance: number): boolean {
  const digits = (text: string) => text.replaceAll(/\D/g, '');
  const { length } = name.slice(name.lastIndexOf('.') + 1);
  const most = length > 3 ? Math.max(2, length / 3) : 1;
  return distance < name.length && distance <= most && digits(name) === digits(candidate);
}

/** Letters that differ of a long name, at most. */
const MOST_SLIPPED = 2;

/**
 * The nearest of many names that a name is surely a slip of: a letter or two, or its beginning. Undefined where there is none.
 *
 * @example
 * slipOf('--micro-batch-sise', ['--micro-batch-size', '--seq-length']); // '--micro-batch-size'
 */
export function slipOf(name: string, known: readonly string[]): string | undefined {
  if (name.length > LONGEST) return undefined;
  const begun = known.filter((candidate) => candidate.startsWith(name));
  if (begun.length === 1) return begun[0];
  const [nearest] = known
    .filter((candidate) => Math.abs(candidate.length - name.length) <= MOST_SLIPPED)
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= MOST_SLIPPED && isSlip(name, candidate, distance))
    .sort((a, b) => a.distance - b.distance);
  return nearest?.candidate;
}

/** Names of parameters whose last part this is: `tp` of workload.tp. */
function endingIn(name: string, known: readonly string[]): readonly string[] {
  const part = name.toLowerCase();
  return known.filter((candidate) => candidate.slice(candidate.lastIndexOf('.') + 1).toLowerCase() === part);
}

/**
 * The remedy for an unknown name: what a word of the field is here, the known name that it is a slip of, or the list of
 * them, of those with the same beginning if there are any.
 *
 * @example
 * suggest('workload.dq', ['workload.dp', 'workload.microBatch']); // "did you mean 'workload.dp'?"
 * suggest('workload.ulysses', ['workload.dp', 'workload.sp']); // "context parallelism … is workload.sp, or workload.cp, here"
 */
export function suggest(name: string, known: readonly string[]): string {
  const meaning = meaningOf(name);
  if (meaning !== undefined) return meaning;
  const [whole] = name.includes('.') ? [] : endingIn(name, known);
  if (whole !== undefined) return `did you mean '${whole}'?`;
  const ranked = (name.length > LONGEST ? [] : known)
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const nearest = ranked[0];
  if (nearest !== undefined && isSlip(name, nearest.candidate, nearest.distance)) {
    return `did you mean '${nearest.candidate}'?`;
  }
  const beside = known.filter((candidate) => candidate.startsWith(name.slice(0, name.lastIndexOf('.') + 1)));
  const fitting = beside.length > 0 ? beside : known;
  const shown = fitting.slice(0, 40).join(', ');
  return fitting.length > 40 ? `use one of ${shown}, …` : `use one of ${shown}`;
}

/** The error for a name that no parameter has, nor any of `others`. */
export function unknownParameter(name: string, place: Place, others: readonly string[] = []): CosmicError {
  const known = [...PARAMETERS.map((parameter) => parameter.name), ...others];
  return new CosmicError('UNKNOWN_PARAMETER', `there is no parameter '${excerpt(name)}'`, {
    ...place,
    remedy: suggest(name, known),
  });
}
