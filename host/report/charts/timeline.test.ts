import { expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../../psa/defaults.js';
import { rulesOf } from '../../profiles/profiles.js';
import { stepChart } from './timeline.js';

interface DrawnBar {
  readonly value: readonly [row: number, start: number, end: number, busy: number];
}

/** Time that the bars of each row stand for, as a share of the step. */
function drawn(chart: ReturnType<typeof stepChart>): Map<string, number> {
  const { series, yAxis } = chart.option as { series: [{ data: DrawnBar[] }]; yAxis: { data: string[] } };
  const bars = series[0].data;
  const end = Math.max(...bars.map(({ value }) => value[2]));
  const rows = new Map<string, number>();
  for (const { value } of bars) {
    const row = yAxis.data[value[0]]!;
    rows.set(row, (rows.get(row) ?? 0) + ((value[2] - value[1]) * value[3]) / end);
  }
  return rows;
}

it.each([
  ['default', 96, 16],
  ['default', 4, 16],
  ['astra-sim', 96, 16],
  ['astra-sim', 4, 16],
  ['astra-sim', 8, 1],
] as const)('draws in the %s profile with %d layers and micro-batches of %d as much time as passes', (profile, layers, size) => {
  const set = [`model.layers=${layers}`, 'workload.pp=2', 'workload.dp=16', `workload.microBatch=${size}`];
  const space = compileDesign(loadDefault('cosmic-1024', 'gpt3-175b', set, profile));
  const chart = stepChart(space, space.fixed);
  const { slices } = rulesOf(space.workload).timeline(space, space.fixed);
  const stepUs = Math.max(...slices.map(({ startUs, durationUs }) => startUs + durationUs));
  for (const [row, share] of drawn(chart)) {
    const busyUs = slices
      .filter(({ stage, lane }) => `stage ${stage} ${lane}` === row)
      .reduce((sum, { durationUs }) => sum + durationUs, 0);
    expect(share / (busyUs / stepUs), row).toBeCloseTo(1, 6);
  }
});

it('breaks the axis of a step of many micro-batches, and says how much is left out', () => {
  const set = ['workload.pp=32', 'workload.dp=4', 'workload.tp=8', 'workload.sp=1', 'workload.microBatch=1'];
  const space = compileDesign(loadDefault('cosmic-1024', 'gpt3-175b', set));
  const { option, note } = stepChart(space, space.fixed);
  const { xAxis, yAxis } = option as {
    xAxis: { max: number; breaks: { start: number; end: number }[] };
    yAxis: { data: string[] };
  };
  const left = xAxis.breaks.reduce((sum, { start, end }) => sum + (end - start) / xAxis.max, 0);
  expect(xAxis.breaks).toHaveLength(1);
  expect(left).toBeGreaterThan(0.5);
  expect(note).toMatch(/\d\d\.\d % of the step is left out/);
  expect(note).toContain('Of 32 stages the first and the last 8');
  expect(yAxis.data.filter((row) => row.endsWith('micro-batch'))).toHaveLength(16);
});
