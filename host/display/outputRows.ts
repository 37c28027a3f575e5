import { OUTPUT, OUTPUTS, type OutputDefinition, type OutputName } from '../../kernels/outputs.js';
import { displayUnit, formatNumber, formatPercent } from './format.js';

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

/**
 * The outputs of some designs, one row each. Parts that are 0 everywhere are left out, as are derived outputs without a value, and
 * what is shown beside those alone.
 */
export function outputRows(designs: readonly Float64Array[]): OutputRow[] {
  const outputs: readonly Named[] = OUTPUTS;
  const isZero = ({ name }: Named) => designs.every((values) => values[OUTPUT[name]] === 0);
  const derives = outputs.some((output) => output.combine === 'derived' && !isZero(output));
  return outputs.flatMap((output) => {
    const { partOf, combine, quiet } = output;
    if ((partOf !== undefined || combine === 'derived') && isZero(output)) return [];
    if (quiet && !derives) return [];
    return [
      outputRow(
        output,
        designs.map((values) => values[OUTPUT[output.name]]!),
        designs,
      ),
    ];
  });
}

type Named = OutputDefinition & { readonly name: OutputName; readonly partOf: OutputName | undefined };

function outputRow(
  { name, unit, label, partOf, zero, share }: Named,
  values: readonly number[],
  designs: readonly Float64Array[],
): OutputRow {
  const isPart = partOf !== undefined;
  const heading = (shown: string) => `${isPart ? '  ' : ''}${label} (${shown})`;
  if (share) return { name, isPart, heading: heading('%'), cells: values.map(formatPercent), values };
  // Parts take the unit of their whole, so that they can be added up by eye.
  const whole = isPart ? designs.map((outputs) => outputs[OUTPUT[partOf]]!) : values;
  const display = displayUnit(unit, whole);
  const cells = values.map((value) =>
    zero !== undefined && value === 0 ? zero : formatNumber(value * display.factor),
  );
  return { name, isPart, heading: heading(display.unit), cells, values };
}
