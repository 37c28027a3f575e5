/** What `cosmic check` has to say, for people and for programs. */
import { OUTPUT, OUTPUTS } from '../../kernels/outputs.js';
import { type CheckedConfiguration, type CheckedStep, runs } from '../configurations/checkConfiguration.js';
import { type FasterConfiguration, lacksMemory } from '../configurations/faster.js';
import type { MeasuredGap } from '../configurations/measuredGap.js';
import type { Configuration } from '../configurations/readConfiguration.js';
import type { Violation } from '../configurations/rule.js';
import type { Slip } from '../configurations/slips.js';
import { designRow } from '../designs/designRow.js';
import { displayUnit, formatNumber, formatPercent, formatRatio, formatShare, plural } from '../display/format.js';
import { capacityText, type MemoryUse, TIGHT_NOTE, verdictText } from '../display/memoryUse.js';
import { describeModels, modelLines } from '../display/models.js';
import { outputRows } from '../display/outputRows.js';
import { timeInterval } from '../doubt/interval.js';
import { chanceOfMemory, isLikely, isUnlikely, loadMemoryEvidence } from '../doubt/memoryFit.js';
import { intervalLines } from '../doubt/text.js';
import { bottlenecks, isFelt } from '../report/ablation.js';
import { colors } from './colors.js';
import { type Columns, memoryColumns } from './fitText.js';
import { formatTable, left, right } from './table.js';

/** Resources that are named as what bounds a step. */
const NAMED = 3;

function placeOf({ file }: Configuration, settings: readonly string[]): string {
  const at = settings.filter((name) => file.settings.has(name)).map((name) => file.settings.get(name)!.place.line);
  const lines = [...new Set(at.filter((line) => line !== undefined))].sort((a, b) => a - b);
  return lines.length === 0 ? '' : ` (${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')})`;
}

/** A setting as the file calls it. */
function named({ file }: Configuration, name: string): string {
  return file.nameOf?.(name) ?? name;
}

function verdictLines({ configuration, violations }: CheckedConfiguration): string[] {
  if (violations.length === 0) return [colors.green('legal: no rule is broken')];
  return [
    colors.red(`illegal: ${plural(violations.length, 'rule')} broken`),
    ...violations.map(
      ({ rule, says, settings }) =>
        `  ${rule}: ${says}${placeOf(configuration, settings)}; see ${settings.map((name) => named(configuration, name)).join(', ')}`,
    ),
  ];
}

function memoryTable({ stages }: CheckedStep): string {
  return formatTable(
    [left('memory'), right('needed (GB)'), right('share of the memory (%)'), right('left (GB)'), left('verdict')],
    stages.map(({ name, usedMB, share, leftMB, verdict }) => [
      name || 'each NPU',
      formatNumber(usedMB / 1000),
      formatPercent(share),
      formatNumber(leftMB / 1000),
      verdict,
    ]),
  );
}

function memoryLines(step: CheckedStep): string[] {
  return [
    memoryTable(step),
    `memory: ${verdictText(step.space, step.evaluated)} (${capacityText(step.memory)} per NPU)`,
    ...(step.memory.tight ? [TIGHT_NOTE] : []),
    chanceLine(step.memory),
  ];
}

/** Says so where the chance speaks against what is counted. */
function chanceLine(memory: MemoryUse): string {
  const chance = chanceOfMemory(memory);
  const publications = plural(loadMemoryEvidence().publications.length, 'publication');
  const against = isUnlikely(chance) && memory.leftMB >= 0 ? ': most such jobs would need more than there is' : '';
  return `chance to fit: ${formatShare(chance)}, as runs of ${publications} lie about what is predicted${against}`;
}

function timeLines(step: CheckedStep): string[] {
  const { space, evaluated, mfuFull, mfuCausal, tflopsFull, tflopsCausal } = step;
  const { outputs } = evaluated;
  const timeUs = outputs[OUTPUT.timeUs]!;
  const { unit, factor } = displayUnit('us', [timeUs]);
  const of = (share: number, tflops: number) => `${formatShare(share)} (${formatNumber(tflops)} TFLOP/s an NPU)`;
  return [
    `step time: ${formatNumber(timeUs * factor)} ${unit}; ${formatNumber(outputs[OUTPUT.tokensPerSecond]!)} tokens/s`,
    ...intervalLines(timeInterval(space, evaluated)),
    `MFU: ${of(mfuFull, tflopsFull)} with attention in full,`,
    `     ${of(mfuCausal, tflopsCausal)} with its causal half`,
  ];
}

function breakdownTable({ evaluated: { outputs } }: CheckedStep): string {
  const rows = outputRows([outputs]).filter(({ name, isPart }) => isPart && name.endsWith('Us'));
  return formatTable(
    [left('part of a step'), right('time'), right('share (%)')],
    rows.map(({ heading, cells, values }) => [
      heading.trim(),
      cells[0]!,
      formatPercent(values[0]! / outputs[OUTPUT.timeUs]!),
    ]),
  );
}

function boundLine({ space, evaluated }: CheckedStep): string {
  const found = bottlenecks(space, evaluated.design, NAMED).filter(isFelt);
  if (found.length === 0) return 'bound by its shape: twice as much of any one resource makes a step no faster';
  const texts = found.map(
    ({ resource, doubling, speedup }) => `${resource} (${doubling}: ${formatNumber(speedup, 3)}×)`,
  );
  return `bound by ${texts.join(', then ')}`;
}

function listLines(heading: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : ['', `${heading}: ${names.join(', ')}`];
}

/** Beside the verdict, for all that follows is of a job without them. */
function slipLines(slips: readonly Slip[]): string[] {
  if (slips.length === 0) return [];
  return [
    '',
    colors.yellow('misspelt, it seems, and read as if they were not there:'),
    ...slips.map(
      ({ name, line, meant }) => `  ${name}${line === undefined ? '' : ` (line ${line})`}: did you mean ${meant}?`,
    ),
  ];
}

function stepLines(step: CheckedStep): string[] {
  // What cannot be placed has the memory of its degrees, but a time of nothing.
  if (step.hindrances.length > 0)
    return [colors.red(`cannot be placed: ${step.hindrances.join('; ')}`), '', ...memoryLines(step)];
  return [...memoryLines(step), '', ...timeLines(step), '', breakdownTable(step), boundLine(step)];
}

/** `--micro-batch-size 2`, `without --sequence-parallel`. */
function changeText(configuration: Configuration, { changes }: FasterConfiguration): string {
  return changes
    .map(({ name, values }) => {
      const own = named(configuration, name);
      return values === undefined ? `without ${own}` : [own, ...values].join(' ');
    })
    .join(', ');
}

function sureText({ sureness }: FasterConfiguration): string {
  return sureness === undefined ? '' : formatPercent(sureness.chance);
}

function ratioText({ sureness }: FasterConfiguration): string {
  return sureness === undefined ? '' : sureness.ratio.map((ratio) => `${ratio.toFixed(2)}×`).join(' to ');
}

/** What chances and intervals are taken from. */
function sureLines([one]: readonly FasterConfiguration[]): string[] {
  if (one?.sureness === undefined) return [];
  const { pairs, jobs } = one.sureness;
  return [
    `chances and intervals: as ${formatNumber(pairs)} pairs of runs of ${plural(jobs, 'job')} that nobody fitted kept what was predicted`,
  ];
}

/** How much faster than a job that runs, and how sure that is. */
function gainColumns(ownUs: number): Columns<FasterConfiguration> {
  return [
    [right('of now', 4), ({ timeUs }) => formatRatio(timeUs, ownUs)],
    [right('chance to be faster (%)', 3), sureText],
    [right('80 % interval'), ratioText],
  ];
}

function fasterTitle(checked: CheckedConfiguration, faster: readonly FasterConfiguration[]): string {
  if (lacksMemory(checked)) {
    const fit = faster.every(({ memory }) => isLikely(chanceOfMemory(memory)))
      ? 'are likely to fit'
      : 'fit by what is counted';
    return `The nearest configurations that ${fit}, fewest switches first:`;
  }
  return runs(checked)
    ? 'The nearest faster configurations, fewest switches first:'
    : 'The nearest configurations that run, fewest switches first:';
}

function fasterColumns(checked: CheckedConfiguration): Columns<FasterConfiguration> {
  const { step } = checked;
  if (step === undefined || step.hindrances.length > 0) return [];
  const ownUs = step.evaluated.outputs[OUTPUT.timeUs]!;
  if (lacksMemory(checked)) return memoryColumns(ownUs, step.memory.usedMB);
  return runs(checked) ? gainColumns(ownUs) : [];
}

function noneLine(checked: CheckedConfiguration): string {
  const makes = lacksMemory(checked) ? 'fit' : runs(checked) ? 'faster' : 'run';
  return `No change of up to three switches that the file can say makes it ${makes}.`;
}

/** The table of faster configurations, or of those that are likely to fit, and what each changes. */
function fasterLines(checked: CheckedConfiguration, faster: CheckAnswer['faster']): string[] {
  if (faster === undefined) return [];
  if (faster.length === 0) return ['', noneLine(checked)];
  const { unit, factor } = displayUnit(
    'us',
    faster.map(({ timeUs }) => timeUs),
  );
  const columns = fasterColumns(checked);
  return [
    '',
    fasterTitle(checked, faster),
    '',
    formatTable(
      [
        ...[left('#'), right(`step time (${unit})`, 5)],
        ...columns.map(([head]) => head),
        ...[right('memory (GB)', 2), left('switched', 5)],
      ],
      faster.map((one, i) => [
        String(i + 1),
        formatNumber(one.timeUs * factor),
        ...columns.map(([, cell]) => cell(one)),
        `${formatNumber(one.memory.usedMB / 1000)}${one.memory.tight ? ' !' : ''}`,
        one.switches.join(', '),
      ]),
    ),
    ...sureLines(faster),
    '',
    ...faster.map((one, i) => `${i + 1}: ${changeText(checked.configuration, one)}`),
    ...(faster.some(({ memory }) => memory.tight) ? [TIGHT_NOTE] : []),
  ];
}

/** Constants that are named as what a measurement would change. */
const EXPLAINING = 5;

/** A measured step is as predicted within what runs of one job differ by. */
const AS_PREDICTED = 0.03;

function gapLines(gap: MeasuredGap | undefined): string[] {
  if (gap === undefined) return [];
  const { measuredUs, predictedUs, ratio, steps, explaining } = gap;
  const { unit, factor } = displayUnit('us', [measuredUs]);
  const of = steps > 1 ? `, the median of ${plural(steps, 'step')}` : '';
  const first = `measured: ${formatNumber(measuredUs * factor)} ${unit}${of}; predicted: ${formatNumber(predictedUs * factor)} ${unit}`;
  if (Math.abs(ratio - 1) < AS_PREDICTED) return ['', `${first}: as predicted`];
  const how = `${formatShare(Math.abs(ratio - 1))} ${ratio > 1 ? 'slower' : 'faster'} than predicted`;
  if (explaining.length === 0) return ['', `${first}: ${how}, which no calibrated constant explains by itself`];
  return [
    '',
    `${first}: ${how}. A calibration would change one of these, the least change first:`,
    '',
    formatTable(
      [left('constant'), right('now'), right('would be'), right('change')],
      explaining
        .slice(0, EXPLAINING)
        .map(({ name, unit: own, now, wouldBe }) => [
          own === '' ? name : `${name} (${own})`,
          formatNumber(now),
          formatNumber(wouldBe),
          `${formatNumber(wouldBe / now, 3)}×`,
        ]),
    ),
  ];
}

/** All that a check has to say. */
export interface CheckAnswer {
  readonly checked: CheckedConfiguration;
  /** Undefined where none are looked for. */
  readonly faster: readonly FasterConfiguration[] | undefined;
  readonly gap: MeasuredGap | undefined;
  /** The file that a change was written to. */
  readonly written: string | undefined;
}

/** A checked configuration for people. */
export function checkLines({ checked, faster, gap, written }: CheckAnswer): string[] {
  const { configuration, step } = checked;
  const { framework, file, npus, psa, notUnderstood, notes } = configuration;
  return [
    `${file.file}: ${framework.title}, ${psa.system.name}, ${plural(npus, 'NPU')}`,
    ...modelLines(psa.workload),
    '',
    ...verdictLines(checked),
    ...slipLines(configuration.slips),
    '',
    ...(step === undefined ? ['no step can be simulated: its degrees do not fill the NPUs'] : stepLines(step)),
    ...(step === undefined || step.hindrances.length > 0 ? [] : gapLines(gap)),
    ...fasterLines(checked, faster),
    ...(written === undefined ? [] : ['', `written to ${written}`]),
    ...listLines('not understood', notUnderstood),
    ...(notes.length === 0 ? [] : ['', ...notes.map((note) => `note: ${note}`)]),
  ];
}

function violationJson(configuration: Configuration, { rule, says, settings }: Violation) {
  return {
    rule,
    says,
    settings: settings.map((name) => ({
      name: named(configuration, name),
      line: configuration.file.settings.get(name)?.place.line,
    })),
  };
}

/** Of what cannot be placed there is memory, but no time, and nothing that follows from one. */
function unplacedJson({ space, evaluated, memory, stages, hindrances }: CheckedStep) {
  const { outputs, ...row } = designRow(space, evaluated);
  const inMB = OUTPUTS.flatMap(({ name, unit }) => (unit === 'MB' ? [[name, outputs[name]]] : []));
  return {
    timeSeconds: null,
    interval: null,
    tokensPerSecond: null,
    mfuFull: null,
    mfuCausal: null,
    tflopsFull: null,
    tflopsCausal: null,
    ...memoryJson({ memory, stages }),
    hindrances,
    bottlenecks: [],
    ...row,
    outputs: Object.fromEntries(inMB),
  };
}

function memoryJson({ memory, stages }: Pick<CheckedStep, 'memory' | 'stages'>) {
  return {
    memory: {
      verdict: memory.verdict,
      usedMB: memory.usedMB,
      capacityMB: memory.capacityMB,
      leftMB: memory.leftMB,
      chanceToFit: chanceOfMemory(memory),
    },
    stages: stages.map(({ stage, usedMB, leftMB, verdict }) => ({ stage, usedMB, leftMB, verdict })),
  };
}

function stepJson(step: CheckedStep) {
  const { space, evaluated, mfuFull, mfuCausal, tflopsFull, tflopsCausal, hindrances } = step;
  if (hindrances.length > 0) return unplacedJson(step);
  const { outputs } = evaluated;
  return {
    timeSeconds: outputs[OUTPUT.timeUs]! * 1e-6,
    interval: timeInterval(space, evaluated),
    tokensPerSecond: outputs[OUTPUT.tokensPerSecond]!,
    mfuFull,
    mfuCausal,
    tflopsFull,
    tflopsCausal,
    ...memoryJson(step),
    hindrances,
    bottlenecks: bottlenecks(space, evaluated.design, NAMED),
    ...designRow(space, evaluated),
  };
}

/** The same for programs. */
export function checkJson({ checked, faster, gap, written }: CheckAnswer) {
  const { configuration, violations, step } = checked;
  const { framework, file, npus, psa, notUnderstood, notes } = configuration;
  return {
    file: file.file,
    format: framework.name,
    system: psa.system.name,
    npus,
    models: describeModels(psa.workload),
    runs: runs(checked),
    legal: violations.length === 0,
    violations: violations.map((one) => violationJson(configuration, one)),
    step: step === undefined ? null : stepJson(step),
    measured: step === undefined || step.hindrances.length > 0 ? undefined : gap,
    faster: (faster ?? []).map(({ changed, switches, timeUs, memory, sureness, changes }) => ({
      switches,
      parameters: changed,
      settings: changes.map(({ name, values }) => ({ name: named(configuration, name), values: values ?? null })),
      timeSeconds: timeUs * 1e-6,
      sureness,
      memory: { verdict: memory.verdict, usedMB: memory.usedMB, chanceToFit: chanceOfMemory(memory) },
    })),
    written,
    notUnderstood,
    slips: configuration.slips,
    notes,
  };
}
