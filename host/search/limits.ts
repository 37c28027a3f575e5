import type { OutputLimit } from '../../kernels/objective/fitness.js';
import { OUTPUT } from '../../kernels/outputs.js';
import { CosmicError } from '../../psa/errors.js';

/** A limit such as `memory <= 24e9`, with its name. */
export interface Limit extends OutputLimit {
  /** As it is written in reports. */
  readonly label: string;
}

/** What may be limited, in plain SI units, with the factor from the kernels' unit. */
const QUANTITIES: Readonly<
  Record<string, { readonly output: number; readonly factor: number; readonly unit: string }>
> = {
  time: { output: OUTPUT.timeUs, factor: 1e-6, unit: 's' },
  memory: { output: OUTPUT.memoryMB, factor: 1e6, unit: 'bytes' },
  bandwidth: { output: OUTPUT.bandwidthGBps, factor: 1, unit: 'GB/s' },
  cost: { output: OUTPUT.costUsd, factor: 1, unit: '$' },
  mfu: { output: OUTPUT.mfu, factor: 1, unit: '' },
  tokensPerSecond: { output: OUTPUT.tokensPerSecond, factor: 1, unit: 'tokens/s' },
};

const FORM = /^\s*(\w+)\s*(<=|>=)\s*([-+.\deE]+)\s*$/;

/**
 * Reads a limit: `memory <= 24e9` (bytes), `time <= 2` (s), `cost <= 5e6` ($), `bandwidth <= 600` (GB/s per NPU), `mfu >= 0.3`,
 * `tokensPerSecond >= 1e6`.
 *
 * @throws CosmicError CONSTRAINT_SYNTAX
 */
export function parseLimit(text: string): Limit {
  const [, name = '', sense, number = ''] = FORM.exec(text) ?? [];
  const quantity = QUANTITIES[name];
  const bound = number === '' ? Number.NaN : Number(number);
  if (quantity === undefined || sense === undefined || !Number.isFinite(bound)) {
    const known = Object.entries(QUANTITIES).map(([known, { unit }]) => (unit === '' ? known : `${known} (${unit})`));
    throw new CosmicError('CONSTRAINT_SYNTAX', `constraint '${text}' is not understood`, {
      remedy: `write a quantity, <= or >=, and a number, such as "memory <= 24e9"; there are ${known.join(', ')}`,
    });
  }
  const { output, factor, unit } = quantity;
  const label = `${name} ${sense} ${number}${unit === '' ? '' : ` ${unit}`}`;
  return { label, output, factor, sense: sense as Limit['sense'], bound };
}
