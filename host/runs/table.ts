/** A cell of a result table. */
export type Cell = string | number | bigint;

/** Rows of as many cells as the header has names. */
export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}
