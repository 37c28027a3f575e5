/** Rows by the framework and the machine. */
import { installationName } from '../../doubt/interval.js';
import { partsOf } from '../groups.js';
import type { PreparedRow } from './prediction.js';

/** Sharded weights of 2021 have a constant of their own, and three rows. */
const takesPart = ({ software, row }: PreparedRow): boolean =>
  software !== 'megatron-lm-2021' || row.weight_sharding === 'none';

/** Rows that take part, by the framework and the machine. */
export function byInstallation(rows: readonly PreparedRow[]): Map<string, PreparedRow[]> {
  return partsOf(rows.filter(takesPart), ({ system, software }) => installationName(system, software));
}
