import { expect, it } from 'vitest';
import { describeDesign } from '../../psa/ordinals.js';
import { openSpace } from '../runs/openSpace.js';
import { parameterTables } from './parameterTables.js';

it('shows what a space says or varies, and counts the others', () => {
  const entries = describeDesign(openSpace('cosmic-network').space, 0n);
  const lines = parameterTables(entries).split('\n');
  const has = (name: string) => lines.some((line) => line.startsWith(`${name} `));
  expect(['workload.dp', 'workload.batch', 'network.topology'].map(has)).toEqual([true, true, true]);
  expect(['workload.recomputeMlp', 'network.inSwitchEfficiency'].map(has)).toEqual([false, false]);
  const shown = lines.filter((line) => /^\w+\.\w+ /.test(line)).length;
  const all = new Set(entries.map(({ parameter }) => parameter)).size;
  expect(lines.at(-1)).toBe(`${all - shown} others with the usual values; --json has all`);
});
