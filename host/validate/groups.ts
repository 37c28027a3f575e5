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
 */
export function nestedGroups<One, Statistics>(
  items: readonly One[],
  [key, ...inner]: readonly Key<One>[],
  statistics: (part: readonly One[]) => Statistics,
  depth = 0,
  within = '',
): (NestedGroup & Statistics)[] {
  if (key === undefined) return [];
  return [...partsOf(items, key)].flatMap(([name, part]) => {
    const group = within === '' ? name : `${within}, ${name}`;
    return [{ group, name, depth, ...statistics(part) }, ...nestedGroups(part, inner, statistics, depth + 1, group)];
  });
}
