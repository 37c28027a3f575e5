import type { Place } from './document.js';
import { CosmicError, excerpt } from './errors.js';
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

/**
 * The remedy for an unknown name: the nearest known one, or the list of them where none is near.
 *
 * @example
 * suggest('workload.dq', ['workload.dp', 'workload.microBatch']); // "did you mean 'workload.dp'?"
 */
export function suggest(name: string, known: readonly string[]): string {
  const ranked = (name.length > LONGEST ? [] : known)
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const nearest = ranked[0];
  if (nearest !== undefined && nearest.distance < name.length && nearest.distance <= Math.max(2, name.length / 3)) {
    return `did you mean '${nearest.candidate}'?`;
  }
  const shown = known.slice(0, 40).join(', ');
  return known.length > 40 ? `use one of ${shown}, …` : `use one of ${shown}`;
}

/** The error for a name that no parameter has, nor any of `others`. */
export function unknownParameter(name: string, place: Place, others: readonly string[] = []): CosmicError {
  const known = [...PARAMETERS.map((parameter) => parameter.name), ...others];
  return new CosmicError('UNKNOWN_PARAMETER', `there is no parameter '${excerpt(name)}'`, {
    ...place,
    remedy: suggest(name, known),
  });
}
