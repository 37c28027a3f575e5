/** A machine with some of its constants replaced. */
import type { System } from '../../psa/system.js';
import { ALL_CONSTANTS, type MachineConstant, valueIn } from './constants.js';

/** Values of constants by their names, as far as they are calibrated. */
export type Constants = Map<string, number>;

/** Where fits of constants start: at what is calibrated, at what the machine says, or where most machines are. */
export function startOf(constants: readonly MachineConstant[], system: System, known: Constants): number[] {
  return constants.map((one) => {
    const value = known.get(one.name) ?? valueIn(system, one);
    return value === undefined || value < one.min ? one.typical : Math.min(value, one.max);
  });
}

/** A system with the constants that are known, and with others that are tried. */
export function systemWith(
  system: System,
  known: ReadonlyMap<string, number>,
  constants: readonly MachineConstant[] = [],
  values: readonly number[] = [],
): System {
  const defaults = new Map(system.defaults);
  const replace = ({ parameter, dimension }: MachineConstant, value: number) => {
    defaults.set(
      parameter,
      defaults.get(parameter)!.map((old, i) => (i === dimension ? value : old)),
    );
  };
  for (const constant of ALL_CONSTANTS) {
    const value = known.get(constant.name);
    if (value !== undefined) replace(constant, value);
  }
  constants.forEach((constant, c) => {
    replace(constant, values[c]!);
  });
  return { ...system, defaults };
}

/** `--set` arguments for what is known. */
export function overridesOf(known: ReadonlyMap<string, number>): string[] {
  return [...known].map(([name, value]) => `${name}=${value}`);
}
