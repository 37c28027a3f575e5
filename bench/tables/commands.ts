/** Whole commands, alone and beside those of another checkout. */
import type { CommandComparison, Ratio } from '../commands.js';
import type { BenchmarkResults } from '../results.js';
import { digits, type ResultTable, table } from './table.js';

const typed = (args: readonly string[]): string => `\`cosmic ${args.join(' ')}\``;

export function commandTable({ commands = [] }: BenchmarkResults): ResultTable[] {
  if (commands.length === 0) return [];
  const rows = commands.map(({ title, args, seconds, slowest, fastest, processorSeconds }) => [
    title,
    typed(args),
    digits(seconds),
    `${digits(slowest)} … ${digits(fastest)}`,
    digits(processorSeconds),
  ]);
  return [table('Whole commands', ['what', 'command', 's', 'slowest … fastest run', 'processor (s)'], rows)];
}

export function comparisonTable(comparisons: readonly CommandComparison[]): ResultTable {
  const ratio = ({ median, least, most }: Ratio): string => `${digits(median)} (${digits(least)} … ${digits(most)})`;
  const rows = comparisons.map(({ args, here, there, clock, processor }) => [
    typed(args),
    digits(here),
    digits(there),
    ratio(clock),
    ratio(processor),
  ]);
  const heads = ['command', 'here (s)', 'there (s)', 'here ÷ there', 'of the processor'];
  return table('Whole commands, here and there in turns', heads, rows);
}
