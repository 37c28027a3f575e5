import { OUTPUT, OUTPUTS, type OutputName } from '../../kernels/outputs.js';
import { displayUnit, formatNumber, formatShare } from './format.js';

/** Names of the outputs for people, in the order of their rows. */
export const OUTPUT_LABELS: Readonly<Record<OutputName, string>> = {
  timeUs: 'step time',
  computeUs: '  compute',
  exposedTpUs: '  exposed tp communication',
  exposedSpUs: '  exposed sp communication',
  exposedEpUs: '  exposed ep communication',
  exposedDpUs: '  exposed dp communication',
  exposedPpUs: '  exposed pp communication',
  bubbleUs: '  pipeline bubble',
  launchUs: '  host launches',
  optimizerUs: '  optimizer',
  memoryMB: 'memory per NPU',
  weightsMB: '  weights',
  gradientsMB: '  gradients',
  optimizerMB: '  optimizer state',
  activationsMB: '  activations',
  kvCacheMB: '  KV cache',
  workingMB: '  working buffers',
  mfu: 'model FLOP utilisation',
  tokensPerSecond: 'throughput',
  bandwidthGBps: 'bandwidth per NPU',
  costUsd: 'network cost',
};

/** One output of several designs in the unit that suits them. */
export interface OutputRow {
  readonly name: OutputName;
  /** With the unit in parentheses. */
  readonly heading: string;
  readonly cells: readonly string[];
  readonly values: readonly number[];
}

/** The outputs of some designs, one row each; parts that are 0 everywhere are left out. */
export function outputRows(designs: readonly Float64Array[]): OutputRow[] {
  return OUTPUTS.flatMap(({ name, unit, partOf }) => {
    const values = designs.map((outputs) => outputs[OUTPUT[name]]!);
    if (partOf !== undefined && values.every((value) => value === 0)) return [];
    return [outputRow(name, unit, partOf, values, designs)];
  });
}

function outputRow(
  name: OutputName,
  unit: string,
  partOf: OutputName | undefined,
  values: readonly number[],
  designs: readonly Float64Array[],
): OutputRow {
  if (name === 'mfu') return { name, heading: `${OUTPUT_LABELS[name]} (%)`, cells: values.map(percent), values };
  // Parts take the unit of their whole, so that they can be added up by eye.
  const whole = partOf === undefined ? values : designs.map((outputs) => outputs[OUTPUT[partOf]]!);
  const display = displayUnit(unit, whole);
  const cells = values.map((value) =>
    name === 'costUsd' && value === 0 ? 'no price' : formatNumber(value * display.factor),
  );
  return { name, heading: `${OUTPUT_LABELS[name]} (${display.unit})`, cells, values };
}

function percent(share: number): string {
  return formatShare(share).replace(' %', '');
}
