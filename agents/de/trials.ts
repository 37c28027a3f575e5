/** Designs that wait for their results: a place between the values of ordered genes, and the rates that led there. */
export interface Trials {
  /** A row of places each. */
  readonly places: Float32Array;
  /** The member that each competes with; newcomers have none. */
  readonly targets: Int32Array;
  readonly f: Float64Array;
  readonly cr: Float64Array;
}

export interface TrialsState {
  readonly places: readonly number[];
  readonly targets: readonly number[];
  readonly f: readonly number[];
  readonly cr: readonly number[];
}

/** The target of a design that joins the population. */
export const NEWCOMER = -1;

export function trialsOf(count: number, width: number): Trials {
  return {
    places: new Float32Array(count * width),
    targets: new Int32Array(count),
    f: new Float64Array(count),
    cr: new Float64Array(count),
  };
}

export function trialsToPlain({ places, targets, f, cr }: Trials): TrialsState {
  return { places: [...places], targets: [...targets], f: [...f], cr: [...cr] };
}

export function trialsFromPlain({ places, targets, f, cr }: TrialsState): Trials {
  return {
    places: Float32Array.from(places),
    targets: Int32Array.from(targets),
    f: Float64Array.from(f),
    cr: Float64Array.from(cr),
  };
}
