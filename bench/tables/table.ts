/** A Markdown table of results, and how its numbers look. */
import { markdownTable } from '../../host/display/markdown.js';

export interface ResultTable {
  readonly title: string;
  readonly markdown: string;
}

export const whole = (value: number): string => Math.round(value).toLocaleString('en');
export const digits = (value: number): string => value.toLocaleString('en', { maximumSignificantDigits: 3 });

export function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): ResultTable {
  return { title, markdown: markdownTable(head, rows) };
}
