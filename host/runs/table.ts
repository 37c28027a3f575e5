/** A cell of a result table. */
export type Cell = string | number | bigint;

export interface Column {
  /** snake_case, with the unit at its end. */
  readonly name: string;
  readonly type: 'text' | 'integer' | 'real';
}

/** Rows of as many cells as there are columns. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}
