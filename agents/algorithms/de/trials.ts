import { z } from 'zod';
import type { AgentGene } from '../../agent.js';
import { areRowsOf, count, numbers, placeRows } from '../../shared/savedState.js';
import type { Layout } from './layout.js';

/** Designs that wait for their results: a place between the values of ordered genes, and the rates that led there. */
export interface Trials {
  /** A row each. */
  readonly rows: Float32Array;
  /** The member that each competes with; newcomers have none. */
  readonly targets: Uint32Array;
  /** Scaling factor of each, above 0 and at most 1. */
  readonly f: Float64Array;
  /** Crossover rate of each, 0 … 1. */
  readonly cr: Float64Array;
}

export function trialsState(genes: readonly AgentGene[]) {
  return z
    .strictObject({ places: placeRows(genes), targets: z.array(count.max(NEWCOMER)), f: numbers, cr: numbers })
    .refine(
      ({ places, targets: { length }, f, cr }) =>
        areRowsOf(length, places, genes) && f.length === length && cr.length === length,
      'each trial has a place, a target and its rates',
    );
}

type TrialsState = z.infer<ReturnType<typeof trialsState>>;

/** The target of a design that joins the population. */
export const NEWCOMER = 2 ** 32 - 1;

/** @param width numbers of a row */
export function trialsOf(count: number, width: number): Trials {
  return {
    rows: new Float32Array(count * width),
    targets: new Uint32Array(count),
    f: new Float64Array(count),
    cr: new Float64Array(count),
  };
}

export function trialsToPlain({ rows, targets, f, cr }: Trials, layout: Layout): TrialsState {
  return { places: layout.unpack(rows), targets: [...targets], f: [...f], cr: [...cr] };
}

export function trialsFromPlain({ places, targets, f, cr }: TrialsState, layout: Layout): Trials {
  return {
    rows: layout.pack(places),
    targets: Uint32Array.from(targets),
    f: Float64Array.from(f),
    cr: Float64Array.from(cr),
  };
}
