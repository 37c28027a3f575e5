import { CosmicError } from '../../psa/errors.js';
import { OUTPUT, QUANTITIES } from '../outputs.js';

/** A limit on one output such as `memory <= 24e9`, beside what makes a design infeasible anyhow. */
export interface Limit {
  /** As it is written in reports. */
  readonly label: string;
  /** Place of the output in a result row, and the factor from its unit there to the limit's. */
  readonly output: number;
  readonly factor: number;
  readonly sense: '<=' | '>=';
  readonly bound: number;
}

/** Limits of one sweep or search: their bits fill a word. */
export const MAX_LIMITS = 32;

/** What a limit may name, with its unit. */
export const LIMITED: readonly string[] = QUANTITIES.map(({ name, limit: { unit } }) =>
  unit === '' || unit === name ? name : `${name} (${unit})`,
);

const FORM = /^\s*(\w+)\s*(<=|>=)\s*([-+.\deE]+)\s*$/;

/**
 * Reads a limit: `memory <= 24e9` (bytes), `time <= 2` (s), `cost <= 5e6` ($), `bandwidth <= 600` (GB/s per NPU), `mfu >= 0.3`,
 * `tokensPerSecond >= 1e6`.
 *
 * @throws CosmicError CONSTRAINT_SYNTAX
 */
export function parseLimit(text: string): Limit {
  const [, name = '', sense, number = ''] = FORM.exec(text) ?? [];
  const quantity = QUANTITIES.find((known) => known.name === name);
  const bound = number === '' ? Number.NaN : Number(number);
  if (quantity === undefined || sense === undefined || !Number.isFinite(bound)) {
    throw new CosmicError('CONSTRAINT_SYNTAX', `constraint '${text}' is not understood`, {
      remedy: `write a quantity, <= or >=, and a number, such as "memory <= 24e9"; there are ${LIMITED.join(', ')}`,
    });
  }
  const { unit, factor } = quantity.limit;
  const label = `${name} ${sense} ${number}${unit === '' ? '' : ` ${unit}`}`;
  return { label, output: OUTPUT[quantity.output], factor, sense: sense as Limit['sense'], bound };
}
