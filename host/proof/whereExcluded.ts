/** Where in a space the designs lie that a proof excluded: by the values of its parameters. */
import { boxCount } from '../../kernels/bound/box.js';
import { describeDesign, digitsToDesign, partsOfGene } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import { entryName } from '../designs/designs.js';
import { type ClosedBox, REASON_KINDS, type ReasonKind } from './proofState.js';

/** All designs that have a value. */
export interface ExcludedValue {
  readonly value: number | string;
  readonly unit: string;
  /** Shares of them by the reason of their boxes. */
  readonly shares: Readonly<Record<ReasonKind, number>>;
  /** None of them is better than this; infinite where none is feasible. */
  readonly bound: number;
}

export interface ExcludedParameter {
  readonly name: string;
  readonly values: readonly ExcludedValue[];
}

/** Designs by reason, and the least bound, of some boxes. */
interface Sum {
  readonly designs: Record<ReasonKind, number>;
  bound: number;
}

function newSum(): Sum {
  return {
    designs: { infeasible: 0, limits: 0, bound: 0, evaluated: 0, optimal: 0 },
    bound: Number.POSITIVE_INFINITY,
  };
}

function add(sum: Sum, { reason }: ClosedBox, designs: number): void {
  sum.designs[reason.kind] += designs;
  if ('value' in reason) sum.bound = Math.min(sum.bound, reason.value);
}

/** Per gene and digit. */
function sumsOf({ genes }: CompiledSpace, boxes: readonly ClosedBox[]): Sum[][] {
  const sums = genes.map(({ size }) => Array.from({ length: size }, newSum));
  for (const box of boxes) {
    const designs = Number(boxCount(box));
    genes.forEach((_, g) => {
      const [low, high] = [box.first[g]!, box.last[g]!];
      for (let digit = low; digit <= high; digit++) add(sums[g]![digit]!, box, designs / (high - low + 1));
    });
  }
  return sums;
}

function join(sums: readonly Sum[]): Pick<ExcludedValue, 'shares' | 'bound'> {
  const of = (kind: ReasonKind) => sums.reduce((total, { designs }) => total + designs[kind], 0);
  const all = REASON_KINDS.reduce((total, kind) => total + of(kind), 0);
  const shares = Object.fromEntries(REASON_KINDS.map((kind) => [kind, of(kind) / all]));
  return { shares: shares as Record<ReasonKind, number>, bound: Math.min(...sums.map(({ bound }) => bound)) };
}

/**
 * The parameters that a space varies, each with its values and what a proof says of the designs that have them.
 *
 * @param boxes that cover the space
 */
export function whereExcluded(space: CompiledSpace, boxes: readonly ClosedBox[]): ExcludedParameter[] {
  const sums = sumsOf(space, boxes);
  const digits = new Uint32Array(space.genes.length);
  return space.genes.flatMap((gene, g) => {
    const entries = Array.from({ length: gene.size }, (_, digit) =>
      describeDesign(space, digitsToDesign(space, digits.with(g, digit))),
    );
    return partsOfGene(gene).map(({ name }) => {
      const ofDigit = entries.map((all) => all.find((entry) => entryName(entry) === name || entry.parameter === name)!);
      const values = [...new Map(ofDigit.map(({ value, unit }) => [value, { value, unit }])).values()].sort(
        // What follows from other parameters comes in their order.
        (a, b) => (typeof a.value === 'number' && typeof b.value === 'number' ? a.value - b.value : 0),
      );
      return {
        name,
        values: values.map(({ value, unit }) => ({
          value,
          unit,
          ...join(sums[g]!.filter((_, digit) => ofDigit[digit]!.value === value)),
        })),
      };
    });
  });
}
