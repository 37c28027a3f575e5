/** Single concepts and whole designs by themselves. */
import type { ConceptResult } from '../concepts/measure.js';
import type { BenchmarkResults } from '../results.js';
import { digits, type ResultTable, table, whole } from './table.js';

/** `1,234,567 ± 1.2 %` */
function rateCell({ rates }: ConceptResult, on: string): string {
  const rate = rates.find((candidate) => candidate.on === on);
  return rate === undefined ? 'failed' : `${whole(rate.evaluationsPerSecond)} ± ${digits(rate.marginPercent)} %`;
}

export function conceptTable({ concepts = [] }: BenchmarkResults): ResultTable[] {
  if (concepts.length === 0) return [];
  const backends = [...new Set(concepts.flatMap(({ rates }) => rates.map(({ on }) => on)))];
  const rows = concepts.map((concept) => [
    concept.name,
    ...backends.map((on) => rateCell(concept, on)),
    digits(Math.max(...concept.rates.map(({ maxRelError }) => maxRelError))),
  ]);
  return [
    table('Single concepts, evaluations a second', ['concept', ...backends, 'largest relative difference'], rows),
  ];
}

export function designTable({ designs = [] }: BenchmarkResults): ResultTable[] {
  if (designs.length === 0) return [];
  const rows = designs.map(({ name, microseconds, marginPercent }) => [
    name,
    digits(microseconds),
    digits(marginPercent),
  ]);
  return [table('Whole designs, f64, one thread', ['workload', 'mean (us)', 'margin at 95 % (%)'], rows)];
}
