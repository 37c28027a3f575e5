import { OUTPUT, OUTPUTS, type OutputDefinition, type OutputName } from '../../kernels/outputs.js';
import { displayUnit, formatNumber, formatShare } from './format.js';

/** One output of several designs in the unit that suits them. */
export interface OutputRow {
  readonly name: OutputName;
  /** Of another output; such rows follow that. */
  readonly isPart: boolean;
  /** With the unit in parentheses; parts are indented. */
  readonly heading: string;
  readonly cells: readonly string[];
  readonly values: readonly number[];
}

/** The outputs of some designs, one row each; parts that are 0 everywhere are left out. */
export function outputRows(designs: readonly Float64Array[]): OutputRow[] {
  return OUTPUTS.flatMap((output) => {
    const values = designs.map((outputs) => outputs[OUTPUT[output.name]]!);
    if (output.partOf !== undefined && values.every((value) => value === 0)) return [];
    return [outputRow(output, values, designs)];
  });
}

function outputRow(
  {
    name,
    unit,
    label,
    partOf,
    zero,
    share,
  }: OutputDefinition & { readonly name: OutputName; readonly partOf: OutputName | undefined },
  values: readonly number[],
  designs: readonly Float64Array[],
): OutputRow {
  const isPart = partOf !== undefined;
  const heading = (shown: string) => `${isPart ? '  ' : ''}${label} (${shown})`;
  if (share) return { name, isPart, heading: heading('%'), cells: values.map(percent), values };
  // Parts take the unit of their whole, so that they can be added up by eye.
  const whole = isPart ? designs.map((outputs) => outputs[OUTPUT[partOf]]!) : values;
  const display = displayUnit(unit, whole);
  const cells = values.map((value) =>
    zero !== undefined && value === 0 ? zero : formatNumber(value * display.factor),
  );
  return { name, isPart, heading: heading(display.unit), cells, values };
}

function percent(share: number): string {
  return formatShare(share).replace(' %', '');
}
