import { infeasibleMask, OUTPUT, OUTPUTS, partsOf, reasonsOf } from '../../kernels/outputs.js';
import { missingFacts } from '../../kernels/quantities/facts.js';
import { describeDesign } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { EvaluatedDesign } from '../designs/designs.js';
import { formatPercent, formatShare } from '../display/format.js';
import { capacityText, memoryUse, TIGHT_NOTE, verdictText } from '../display/memoryUse.js';
import { modelLines } from '../display/models.js';
import { type OutputRow, outputRows } from '../display/outputRows.js';
import { titleOf } from '../display/title.js';
import { timeInterval } from '../doubt/interval.js';
import { intervalLines } from '../doubt/text.js';
import { colors } from './colors.js';
import { overPeakLines } from './overPeak.js';
import { parameterTables } from './parameterTables.js';
import { formatTable, left, right } from './table.js';

/** One design in full: its parameters, where time and memory go, and all other outputs. */
export function designLines(space: CompiledSpace, evaluated: EvaluatedDesign): string[] {
  const rows = outputRows([evaluated.outputs]);
  const use = memoryUse(evaluated);
  return [
    titleOf(space),
    verdict(evaluated.status),
    '',
    ...modelLines(space.workload),
    '',
    parameterTables(describeDesign(space, evaluated.design)),
    '',
    breakdown(rows, 'timeUs', 'of step time', evaluated.outputs[OUTPUT.timeUs]!),
    ...intervalLines(timeInterval(space, evaluated)),
    '',
    breakdown(rows, 'memoryMB', 'of capacity', use.capacityMB),
    `capacity per NPU: ${capacityText(use)}; needed: ${formatShare(use.share)} of it${use.tight ? ' !' : ''}`,
    `memory: ${verdictText(space, evaluated)}`,
    ...(use.tight ? [TIGHT_NOTE] : []),
    '',
    formatTable(
      [left('result'), right('value')],
      rows
        .filter(({ name, isPart }) => !isPart && partsOf(name).length === 0)
        .map(({ heading, cells }) => [heading, cells[0]!]),
    ),
    ...overPeakLines(space, [evaluated]),
    ...Object.entries(space.factSources ?? {}).map(([facts, source]) => `${facts}: ${source}`),
    ...missingLines(space, evaluated),
  ];
}

/** Of a job: which facts its energy, dollars and goodput lack. */
function missingLines(space: CompiledSpace, { outputs }: EvaluatedDesign): string[] {
  const derived = OUTPUTS.filter(({ combine }) => combine === 'derived');
  if (outputs[OUTPUT.days] === 0) return [];
  const without = derived.filter(({ name }) => outputs[OUTPUT[name]] === 0 && missingFacts(space, name).length > 0);
  if (without.length === 0) return [];
  const facts = new Set(without.flatMap(({ name }) => missingFacts(space, name)));
  return ['', `no value of ${without.map(({ label }) => label).join(', ')}: not known is ${[...facts].join(', ')}`];
}

/** Without a price a design is feasible, but for objectives that use the price. */
function verdict(status: number): string {
  const reasons = reasonsOf(status & infeasibleMask([]));
  if (reasons.length > 0) return colors.red(`infeasible: ${reasons.join('; ')}`);
  return colors.green(status === 0 ? 'feasible' : `feasible, but ${reasonsOf(status).join('; ')}`);
}

/** A whole and its parts, each with its share of `reference`. */
function breakdown(rows: readonly OutputRow[], whole: 'timeUs' | 'memoryMB', share: string, reference: number): string {
  const own = new Set<string>([whole, ...partsOf(whole)]);
  return formatTable(
    [left(whole === 'timeUs' ? 'time' : 'memory'), right('value'), right(`share ${share} (%)`)],
    rows
      .filter(({ name }) => own.has(name))
      .map(({ heading, cells, values }) => [heading, cells[0]!, formatPercent(values[0]! / reference)]),
  );
}
