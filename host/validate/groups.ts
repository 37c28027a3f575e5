/** Cases by one thing after another. */

/** A group of cases that others may be within, and which may be within another. */
export interface NestedGroup {
  /** Its name behind those of the groups that it is within. */
  readonly group: string;
  readonly name: string;
  /** Number of groups that it is within. */
  readonly depth: number;
}

export type Key<One> = (one: One) => string;

/** Items by a key, in the order in which its values first stand. */
export function partsOf<One>(items: readonly One[], key: Key<One>): Map<string, One[]> {
  const parts = new Map<string, One[]>();
  for (const one of items) {
    const value = key(one);
    const part = parts.get(value);
    if (part === undefined) parts.set(value, [one]);
    else part.push(one);
  }
  return parts;
}

/**
 * Groups by the first key, each before those within it by the next one.
 *
 * @param statistics of the items of a group
 * @param telling within a group only those of several items that are not all of its own
 */
export function nestedGroups<One, Statistics>(
  items: readonly One[],
  [key, ...inner]: readonly Key<One>[],
  statistics: (part: readonly One[]) => Statistics,
  { telling = false, depth = 0, within = '' } = {},
): (NestedGroup & Statistics)[] {
  if (key === undefined) return [];
  const parts = partsOf(items, key);
  const chosen = telling && depth > 0;
  if (chosen && parts.size === 1) return nestedGroups(items, inner, statistics, { telling, depth, within });
  return [...parts].flatMap(([name, part]) => {
    if (chosen && part.length === 1) return [];
    const group = within === '' ? name : `${within}, ${name}`;
    const deeper = { telling, depth: depth + 1, within: group };
    return [{ group, name, depth, ...statistics(part) }, ...nestedGroups(part, inner, statistics, deeper)];
  });
}
