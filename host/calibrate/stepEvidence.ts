/** Measured steps: rows as `validate measured` reads them, of one machine and framework. */
import { CosmicError } from '../../psa/errors.js';
import type { System } from '../../psa/system.js';
import { modelName } from '../validate/measured/groups.js';
import { type Prepared, prepareRows } from '../validate/measured/measured.js';
import { type PreparedRow, predictRow } from '../validate/measured/prediction.js';
import { CONSTANTS } from './constants.js';
import { decidable, type Evidence } from './evidence.js';
import { type Constants, overridesOf, startOf } from './machine.js';

export interface StepRequest {
  readonly file: string;
  /** Presets or files. */
  readonly machine: string;
  readonly software: string | undefined;
}

function checked({ rows, refusals }: Prepared, file: string): readonly PreparedRow[] {
  const running = rows.filter((row) => predictRow(row).seconds !== undefined);
  if (running.length > 0) return running;
  throw new CosmicError('SCHEMA', `no step can be predicted: ${refusals[0]?.reason ?? 'no row fits the machine'}`, {
    file,
    remedy: 'compare the rows with test/data/measured/README.md, and the machine with the one that they ran on',
  });
}

/**
 * What steps say of the clock, of the memory's share and of the host: constants of a machine and a framework together.
 *
 * @param known constants as they are when the steps' turn comes
 * @throws CosmicError as `prepareRows`; SCHEMA where no row can be predicted
 */
export function stepEvidence({ file, machine, software }: StepRequest, system: System, known: Constants): Evidence {
  const set = overridesOf(known);
  const rows = checked(prepareRows({ file, system: machine, software, set }), file);
  const constants = decidable(CONSTANTS.steps, rows.length);
  return {
    name: 'steps',
    files: [file],
    rows: rows.map(({ row }) => ({ id: row.id, family: modelName(row) })),
    constants,
    start: startOf(constants, system, known),
    logErrors(values, picked) {
      return picked.map((i) => {
        const row = rows[i]!;
        constants.forEach(({ slot }, c) => {
          row.design[slot] = values[c]!;
        });
        return Math.log(predictRow(row).seconds! / row.row.iteration_s);
      });
    },
  };
}
