import type { Cell } from './table.js';

/** A table as CSV (RFC 4180, but with line feeds). */
export function toCsv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map((row) => `${row.map(quote).join(',')}\n`).join('');
}

function quote(cell: Cell): string {
  const text = String(cell);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
