/** What makes a job fit that lacks memory, for people and for programs. */
import { OUTPUT } from '../../kernels/outputs.js';
import type { FittingDesign } from '../configurations/nearestFits.js';
import { displayUnit, formatNumber, formatPercent, formatRatio } from '../display/format.js';
import { type MemoryUse, memoryUse } from '../display/memoryUse.js';
import { chanceOfMemory } from '../doubt/memoryFit.js';
import type { ChosenDesign } from './chosenDesign.js';
import { formatTable, left, right } from './table.js';

/** Columns of a table: their heads, and of each row its cells. */
export type Columns<Row> = readonly (readonly [ReturnType<typeof right>, (one: Row) => string])[];

/** What a job that lacks memory gains by another, and at what cost. */
export function memoryColumns(
  ownUs: number,
  ownMB: number,
): Columns<{ readonly timeUs: number; readonly memory: MemoryUse }> {
  return [
    [right('of now', 4), ({ timeUs }) => formatRatio(timeUs, ownUs)],
    [right('less memory (GB)', 2), ({ memory }) => formatNumber((ownMB - memory.usedMB) / 1000)],
    [right('chance to fit (%)', 3), ({ memory }) => formatPercent(chanceOfMemory(memory))],
  ];
}

/** Undefined where none are looked for. */
export type Fits = readonly FittingDesign[] | undefined;

/** The nearest designs that fit; what reads frameworks' rules loads where a design does not fit. */
export async function fitsOf({ psa, space, evaluated }: ChosenDesign): Promise<Fits> {
  if (memoryUse(evaluated).verdict !== 'does not fit') return undefined;
  const [{ nearestFits }, { createCpuEvaluator }] = await Promise.all([
    import('../configurations/nearestFits.js'),
    import('../backends/cpu/evaluator.js'),
  ]);
  // Thousands of designs are done before workers would have started.
  return nearestFits(psa, space, evaluated, async (switches) => createCpuEvaluator(switches, 1));
}

/** The table of what fits. */
export function fitLines({ evaluated }: ChosenDesign, fits: Fits): string[] {
  if (fits === undefined) return [];
  if (fits.length === 0) return ['No change of up to three switches makes it fit.'];
  const { unit, factor } = displayUnit(
    'us',
    fits.map(({ timeUs }) => timeUs),
  );
  const columns = memoryColumns(evaluated.outputs[OUTPUT.timeUs]!, memoryUse(evaluated).usedMB);
  return [
    'The nearest designs that fit, fewest changes first (as --set takes them):',
    '',
    formatTable(
      [right(`step time (${unit})`, 5), ...columns.map(([head]) => head), left('changes', 5)],
      fits.map((one) => [
        formatNumber(one.timeUs * factor),
        ...columns.map(([, cell]) => cell(one)),
        Object.entries(one.parameters)
          .map(([name, value]) => `${name}=${value}`)
          .join(' '),
      ]),
    ),
  ];
}

/** The same for programs; the ratio is to the time of the design, were there room for it. */
export function fitsJson({ evaluated }: ChosenDesign, fits: Fits) {
  const [ownUs, ownMB] = [evaluated.outputs[OUTPUT.timeUs]!, memoryUse(evaluated).usedMB];
  return fits?.map(({ switches, parameters, timeUs, memory }) => ({
    switches,
    parameters,
    timeSeconds: timeUs * 1e-6,
    timeRatio: timeUs / ownUs,
    lessMB: ownMB - memory.usedMB,
    memory: { verdict: memory.verdict, usedMB: memory.usedMB, chanceToFit: chanceOfMemory(memory) },
  }));
}
