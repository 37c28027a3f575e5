/**
 * Modules of a layer that the backward pass may run again one by one, as Megatron-Core's --recompute-modules names them: each is a
 * switch of the workload and a flag of the rows, by the same name. The attention core is `selective` of `recomputation`.
 */
import { FLAG, type Flag, type Operation } from './operation.js';
import { NOTHING, under, type When } from './rows.js';

export const RECOMPUTED_MODULES = [
  'recomputeNorms',
  'recomputeUpProjections',
  'recomputeMlp',
  'recomputeExperts',
  'recomputeExpertProducts',
  'recomputeExpertActivation',
  'recomputeSharedExperts',
  'recomputeOperations',
] as const satisfies readonly Flag[];

/** The same rows, whose activations are not kept where one of the modules is recomputed. */
export function droppedWith(modules: readonly Flag[], rows: readonly Operation[]): Operation[] {
  return rows.map((row) => ({ ...row, droppedWith: [...row.droppedWith, ...modules] }));
}

/** What a row keeps, each part with the modules that it is dropped with. */
export function keptParts(row: Operation): Operation[] {
  const { saved, droppedWith, halfDroppedWith } = row;
  if (halfDroppedWith.length === 0) return [row];
  const half: Operation = { ...row, saved: [saved[0] / 2, saved[1]], halfDroppedWith: [] };
  return [half, { ...half, droppedWith: [...droppedWith, ...halfDroppedWith] }];
}

/** The modules that a row's activations are dropped with, as bits. */
export function droppingBits({ droppedWith }: Pick<Operation, 'droppedWith'>): number {
  return droppedWith.reduce((bits, module) => bits | FLAG[module], 0);
}

/**
 * The same rows, at whose results no backward pass looks: those behind the last product's input.
 *
 * @param where the flag that it is so with, where it is not always
 */
export function unneeded(rows: readonly Operation[], where: When = {}): Operation[] {
  return rows.map((row) => ({ ...row, unneeded: where }));
}

/** The same rows, unneeded from the one of this name on, which lie at the end of a layer. */
export function unneededFrom(name: string, rows: readonly Operation[]): Operation[] {
  const first = rows.findIndex((row) => row.name === name);
  return [...rows.slice(0, first), ...unneeded(rows.slice(first))];
}

/** When a row runs again: not where it is unneeded and only what is needed runs, so to the end, or where the flag is the other. */
function neededWhen(when: When, { unneeded }: Operation): When[] {
  if (unneeded === undefined) return [when];
  const others = Object.entries(unneeded).map(([flag, value]) => ({ ...when, earlyEnd: true, [flag]: !value }));
  return [{ ...when, earlyEnd: false }, ...others];
}

/**
 * Rows as a second forward pass, to their end or as far as is needed. PyTorch's checkpoint without re-entry ends where the last tensor
 * that was kept is there again (torch.utils.checkpoint, set_checkpoint_early_stop); of JAX's XLA leaves out what nothing uses.
 */
export function recomputedToEnd(when: When, rows: readonly Operation[]): Operation[] {
  return rows.flatMap((row) => neededWhen(when, row).flatMap((needed) => recomputed(needed, [row])));
}

/** A whole layer as a second forward pass, but for what makes tensors that it keeps. */
export function recomputedLayer(rows: readonly Operation[]): Operation[] {
  return rows.flatMap((row) => {
    const unless: When = row.againFor === undefined ? {} : { [row.againFor]: false };
    return recomputedToEnd({ recomputeAll: true, ...unless }, [row]);
  });
}

/** Does a row run again with its whole layer: in as many as are recomputed? */
export function isLayerAgain({ when }: Pick<Operation, 'when'>): boolean {
  return when.recomputeAll === true;
}

/** The same rows as a second forward pass: nothing more is kept. */
export function recomputed(when: When, rows: readonly Operation[]): Operation[] {
  return under(when, rows).map((row) => ({
    ...row,
    name: `${row.name} again`,
    saved: NOTHING,
    droppedWith: [],
    halfDroppedWith: [],
    keptWith: undefined,
  }));
}
