/** The parallelism axes, in the order of their numbers. */
export const AXES = ['tp', 'sp', 'ep', 'dp', 'pp'] as const;
export type Axis = (typeof AXES)[number];

/** Bits of an axis in an order. */
const AXIS_BITS = 3;
/** As a number of its own: V8 raises to a power at each call that it finds in one. */
const AXIS_MASK = 2 ** AXIS_BITS - 1;

/**
 * An axis order as one number: {@link AXIS_BITS} per axis, innermost first.
 *
 * @example
 * packAxisOrder(['tp', 'sp', 'ep', 'dp', 'pp']); // 0o43210
 */
export function packAxisOrder(order: readonly Axis[]): number {
  return order.reduce((packed, axis, place) => packed + AXES.indexOf(axis) * 2 ** (AXIS_BITS * place), 0);
}

/** The number of the axis at a place of an order, from the innermost on. */
export function axisAt(order: number, place: number): number {
  return (order >> (AXIS_BITS * place)) & AXIS_MASK;
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => permutations(items.filter((_, j) => j !== i)).map((rest) => [item, ...rest]));
}

/** All orders of the axes: `tp-sp-ep-dp-pp`, …. */
export const axisOrders: ReadonlyMap<string, number> = new Map(
  permutations(AXES).map((order) => [order.join('-'), packAxisOrder(order)]),
);
