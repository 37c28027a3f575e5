import type { DesignEntry } from '../../psa/ordinals.js';
import { entryName } from '../designs/designs.js';
import { formatNumber } from './format.js';

/** Name and unit of a parameter. */
export function parameterHeading(entry: DesignEntry): string {
  return entry.unit === '' ? entryName(entry) : `${entryName(entry)} (${entry.unit})`;
}

export function formatParameter(value: string | number): string {
  return typeof value === 'number' ? formatNumber(value) : value;
}
