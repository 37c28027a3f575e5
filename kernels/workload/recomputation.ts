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
  'recomputeExpertActivation',
  'recomputeSharedExperts',
] as const satisfies readonly Flag[];

/** The same rows, whose activations are not kept where one of the modules is recomputed. */
export function droppedWith(modules: readonly Flag[], rows: readonly Operation[]): Operation[] {
  return rows.map((row) => ({ ...row, droppedWith: [...row.droppedWith, ...modules] }));
}

/** The modules that a row's activations are dropped with, as bits. */
export function droppingBits({ droppedWith }: Pick<Operation, 'droppedWith'>): number {
  return droppedWith.reduce((bits, module) => bits | FLAG[module], 0);
}

/** The same rows as a second forward pass: nothing more is kept. */
export function recomputed(when: When, rows: readonly Operation[]): Operation[] {
  return under(when, rows).map((row) => ({ ...row, name: `${row.name} again`, saved: NOTHING, droppedWith: [] }));
}
