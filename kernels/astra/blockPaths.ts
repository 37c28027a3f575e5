/**
 * Longest paths through a block of STG's graph, over what its rows wait for and over the order that the ready list forces on
 * them: lower bounds of the time from one of its rows to another, whatever runs beside them.
 */
import type { Block } from './graph/rows.js';
import { slotOfRow } from './schedule/nodes.js';

/** A row of the block, by its place, or what it waits for elsewhere, by its name. */
type Node = number | string;

/** All that has ended before a node, for certain, is ready. */
type Ancestors = ReadonlyMap<Node, ReadonlySet<Node>>;

/** The order of a block's rows: of each, what ends before it begins. */
export class BlockOrder {
  readonly precedents: Node[][];

  /** @param returns of what comes from elsewhere, the rows of this block that it follows, as gradients follow outputs */
  constructor(
    readonly block: Block,
    private readonly returns: ReadonlyMap<string, readonly number[]> = new Map(),
  ) {
    this.precedents = block.rows.map((_, row) => this.waitedFor(row));
    while (this.force());
  }

  /** Rows of a slot that are ready, for certain, when a row has ended. */
  readyBehind(row: number, slot: number): number[] {
    const ended = new Set([row, ...this.ancestors().get(row)!]);
    return [...this.block.rows.keys()].filter(
      (other) => slotOfRow(this.block.rows[other]!) === slot && this.waitedFor(other).every((node) => ended.has(node)),
    );
  }

  private waitedFor(row: number): Node[] {
    return [...this.block.inner[row]!, ...this.block.outer[row]!];
  }

  /**
   * One slot serves the ready rows of a stage by their numbers. So where all that row a waits for has ended when a row b of the
   * same slot and a higher number becomes ready, a is ready no later and is taken first: b begins when a has ended.
   *
   * @returns whether there was an order that was not known
   */
  private force(): boolean {
    const ancestors = this.ancestors();
    const slots = this.block.rows.map(slotOfRow);
    let found = false;
    for (let b = 0; b < slots.length; b++) {
      const certain = this.certainBefore(b, ancestors);
      for (let a = 0; a < b; a++) {
        if (slots[a] !== slots[b] || ancestors.get(b)!.has(a)) continue;
        if (!this.waitedFor(a).every((node) => certain.has(node))) continue;
        this.precedents[b]!.push(a);
        found = true;
      }
    }
    return found;
  }

  /** What has ended when a row becomes ready: all that it waits for, and what came before that. */
  private certainBefore(row: number, ancestors: Ancestors): Set<Node> {
    return new Set(this.waitedFor(row).flatMap((node) => [node, ...ancestors.get(node)!]));
  }

  private ancestors(): Ancestors {
    const known = new Map<Node, Set<Node>>();
    const of = (node: Node): Set<Node> => {
      const have = known.get(node);
      if (have !== undefined) return have;
      const follows = typeof node === 'number' ? this.precedents[node]! : (this.returns.get(node) ?? []);
      const all = new Set(follows.flatMap((other) => [other, ...of(other)]));
      known.set(node, all);
      return all;
    };
    for (let row = 0; row < this.precedents.length; row++) for (const node of [row, ...this.precedents[row]!]) of(node);
    return known;
  }
}

/** A longest path from some event to the end of a row. */
export class BlockPath {
  /** Rows that lie between, each behind all that it waits for, and the places of those in this list. */
  private readonly rows: readonly number[];
  private readonly before: readonly (readonly number[])[];
  private readonly endNs: Float64Array;

  /**
   * @param from the name of what comes from elsewhere, or the place of the row that begins the path
   * @param to place of the row that ends it
   * @param firstRow place of the block's first row among all rows
   */
  constructor({ precedents }: BlockOrder, from: Node, to: number, firstRow: number) {
    const places = new Map<number, number>();
    const before: number[][] = [];
    /** Adds a row behind what it waits for; false where it does not follow the beginning. */
    const add = (row: number): boolean => {
      if (places.has(row)) return true;
      const earlier = precedents[row]!.filter((node): node is number => typeof node === 'number' && add(node));
      if (row !== from && earlier.length === 0 && !precedents[row]!.includes(from)) return false;
      before.push(row === from ? [] : earlier.map((node) => places.get(node)!));
      places.set(row, places.size);
      return true;
    };
    add(to);
    this.rows = [...places.keys()].map((row) => firstRow + row);
    this.before = before;
    this.endNs = new Float64Array(before.length);
  }

  /** @param durationNs of all rows of the graph */
  longestNs(durationNs: Float64Array): number {
    const count = this.rows.length;
    for (let i = 0; i < count; i++) {
      let beginNs = 0;
      const earlier = this.before[i]!;
      for (let k = 0; k < earlier.length; k++) beginNs = Math.max(beginNs, this.endNs[earlier[k]!]!);
      this.endNs[i] = beginNs + durationNs[this.rows[i]!]!;
    }
    return this.endNs[count - 1]!;
  }
}

/** Places of the rows that follow what comes from elsewhere under a name. */
export function rowsBehind({ block }: BlockOrder, name: string): number[] {
  const behind = new Set<number>();
  for (let grown = -1; grown !== behind.size; ) {
    grown = behind.size;
    block.rows.forEach((_, row) => {
      if (block.outer[row]!.includes(name) || block.inner[row]!.some((other) => behind.has(other))) behind.add(row);
    });
  }
  return [...behind];
}
