/** Whose a calibrated constant is: a clock the machine's, what host and element-wise kernels take the framework's. */
import { loadSoftware, withSoftware } from '../../../psa/software.js';
import { loadSystem } from '../../../psa/system.js';
import { OF_TODAY, type SharedConstant } from './fit.js';

/** A constant as it stands in the presets of a machine and a framework. */
export interface OwnedConstant {
  readonly constant: SharedConstant;
  /** A machine or a framework: all rows of it share the constant. */
  readonly owner: string;
  readonly preset: number;
  /** The file that says it. */
  readonly file: string;
}

const CLOCK = 'compute.sustainedClock';

/** Machines of which no single kernels were measured say what compiled steps reach. */
const withoutKernels = (software: string) => `${software} on machines without tables of kernels`;

/**
 * What steps decide of a framework on a machine. What the file of the framework leaves to the machine is that of single kernels, where
 * the machine has a table of these.
 *
 * @param system preset or file, as `software`
 */
export function ownedConstants(system: string, software: string): OwnedConstant[] {
  const framework = loadSoftware(software);
  const machine = loadSystem(system);
  const { defaults } = withSoftware(machine, framework);
  const hasKernels = (defaults.get('compute.kernelOverheadUs')?.[0] ?? 0) > 0;
  return OF_TODAY.flatMap((constant): OwnedConstant[] => {
    const preset = defaults.get(constant.name)?.[0] ?? constant.neutral;
    if (preset === constant.neutral) return [];
    if (constant.name === CLOCK) return [{ constant, owner: system, preset, file: machine.file }];
    if (framework.defaults.has(constant.name)) return [{ constant, owner: software, preset, file: framework.file }];
    return hasKernels ? [] : [{ constant, owner: withoutKernels(software), preset, file: machine.file }];
  });
}
