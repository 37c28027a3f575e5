import { type Box, structuralGenes } from '../kernels/bound/box.js';
import type { CompiledSpace } from '../psa/space.js';

/** A random member of a random box; a single one has no other. */
export interface DrawnBox {
  readonly single: boolean;
  readonly member: Uint32Array;
  readonly box: Box;
}

const structural = new WeakMap<CompiledSpace, ReadonlySet<number>>();

/**
 * A random member, and a box around it that can be bounded: of one design one time in five. Few genes are open in some boxes, many in
 * others: where many are, the bound is too far from the member to show a small fault.
 */
export function drawBox(space: CompiledSpace, random: () => number): DrawnBox {
  const fixed = structural.get(space) ?? new Set(structuralGenes(space));
  structural.set(space, fixed);
  const single = random() < 0.2;
  const closed = random();
  const member = Uint32Array.from(space.genes, ({ size }) => Math.floor(random() * size));
  const first = member.slice();
  const last = member.slice();
  for (const [g, { size }] of space.genes.entries()) {
    if (single || fixed.has(g) || random() < closed) continue;
    first[g] = Math.floor(random() * (member[g]! + 1));
    last[g] = member[g]! + Math.floor(random() * (size - member[g]!));
  }
  return { single, member, box: { first, last } };
}
