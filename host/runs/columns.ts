/** Columns of result tables: one way to name them, for spreadsheets, data frames and queries alike. */
import type { Objective } from '../../kernels/objective/objective.js';
import type { OutputDefinition } from '../../kernels/outputs.js';
import type { DesignEntry } from '../../psa/ordinals.js';
import { findParameter } from '../../psa/parameters.js';
import type { Column } from './table.js';

/** Units that are no word as they stand. */
const UNIT_WORDS: Readonly<Record<string, string>> = {
  'GB/s': 'gbps',
  'TFLOP/s': 'tflops',
  $: 'usd',
  'tokens/s': 'tokens_per_second',
  '1/reward': 'per_reward',
  h: 'hours',
  t: 'tonnes',
  kW: 'kw',
  kWh: 'kwh',
  '$/h': 'usd',
  '$/kWh': 'usd',
  '$/Mtoken': 'usd_per_mtokens',
  '$ per GB/s': 'usd_per_gbps',
  'W per GB/s': 'w_per_gbps',
  'g/kWh': 'grams_per_kwh',
  '1/year': 'per_year',
};

/** `bandwidth_gbps` of `bandwidthGBps`, `workload_dp` of `workload.dp`. */
function snakeCase(text: string): string {
  return text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '');
}

/** A name that ends in its unit, once. */
function withUnit(name: string, unit: string): string {
  const word = unit
    .split(' × ')
    .map((factor) => UNIT_WORDS[factor] ?? snakeCase(factor))
    .join('_');
  const snake = snakeCase(name);
  return word === '' || snake === word || snake.endsWith(`_${word}`) ? snake : `${snake}_${word}`;
}

/** `objective_time_s`, `objective_time_cost_s_usd`. */
export function objectiveColumn({ label, unit }: Objective): Column {
  return { name: withUnit(`objective ${label}`, unit), type: 'real' };
}

/** `workload_micro_batch_sequences`, `network_bandwidth_gbps_0`. */
export function parameterColumn({ parameter, dimension, unit }: DesignEntry): Column {
  const { integer, categories } = findParameter(parameter)!;
  const name = withUnit(parameter, unit);
  return {
    name: dimension === undefined ? name : `${name}_${dimension}`,
    type: categories !== undefined ? 'text' : integer ? 'integer' : 'real',
  };
}

/** `time_us`, `memory_mb`. */
export function outputColumn({ name, unit }: Pick<OutputDefinition, 'name' | 'unit'>): Column {
  return { name: withUnit(name, unit), type: 'real' };
}
