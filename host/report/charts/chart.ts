import type { EChartsOption } from 'echarts';
import { escapeHtml } from '../html.js';

/** A chart of a report, as plain data: the page draws it without knowing what it shows. */
export interface Chart {
  readonly id: string;
  readonly title: string;
  /** What to read from it, in a sentence or two. */
  readonly note: string;
  readonly heightPx: number;
  readonly option: EChartsOption;
}

/** Readable on white and on black: the categorical palette of Observable (ISC). */
export const COLORS = [
  '#4269d0',
  '#efb118',
  '#ff725c',
  '#6cc5b0',
  '#3ca951',
  '#ff8ab7',
  '#a463f2',
  '#97bbf5',
  '#9c6b4e',
  '#9498a0',
] as const;

export const ACCENT = COLORS[2];
export const MUTED = COLORS[9];

/** Names that are too long for an axis of two dozen. */
const SHORT: Readonly<Record<string, string>> = {
  FullyConnected: 'Fully',
  halvingDoubling: 'halving',
  doubleBinaryTree: 'tree',
  localBWAware: 'BW-aware',
};

/** A value as a chart with little room shows it. */
export function shortText(value: number | string): string {
  return SHORT[value] ?? String(value);
}

/** What all charts share. */
export const COMMON: EChartsOption = {
  animation: false,
  backgroundColor: 'transparent',
  color: [...COLORS],
  textStyle: { fontFamily: 'system-ui, sans-serif' },
  tooltip: { trigger: 'item', confine: true },
};

/** The tooltip of one mark: lines of plain text, the first in bold. */
export function tooltip(first: string, ...others: readonly string[]): { formatter: string } {
  const lines = [`<b>${escapeHtml(first)}</b>`, ...others.map(escapeHtml)];
  // ECharts takes braces for its own variables.
  return { formatter: lines.join('<br>').replaceAll('{', '(').replaceAll('}', ')') };
}

/** Values this far apart show best on a logarithmic axis. */
const WIDE = 20;

/** A linear axis that suits some positive values, or a logarithmic one where they differ much. */
export function suitedScale(
  values: readonly number[],
): { readonly type: 'log' } | { readonly type: 'value'; readonly scale: true } {
  return Math.max(...values) > WIDE * Math.min(...values) ? { type: 'log' } : { type: 'value', scale: true };
}

/** A horizontal axis with its name below the labels. */
export function namedBelow(name: string) {
  return { name, nameLocation: 'middle', nameGap: 28 } as const;
}

/** A vertical axis with its name on top, where it has room whatever the labels are. */
export function namedAbove(name: string) {
  return { name, nameLocation: 'end', nameGap: 10, nameTextStyle: { align: 'left' } } as const;
}
