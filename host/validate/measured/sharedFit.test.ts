import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { slotOf } from '../../../psa/parameters.js';
import { installationName } from '../../doubt/interval.js';
import { OF_TODAY } from './fit.js';
import { byInstallation } from './installations.js';
import { prepareFile } from './measured.js';
import { type PreparedRow, predictRow } from './prediction.js';
import { Response } from './response.js';
import { SharedFit } from './sharedFit.js';

const file = join(packageRoot, 'test', 'data', 'measured', 'modern', 'training.csv');
const CLOCK = slotOf('compute.sustainedClock');
const MEMORY = slotOf('compute.memoryEfficiency');

/** Relative to the presets. */
const TRUE_CLOCKS: Readonly<Record<string, number>> = { 'h100-sxm': 0.9, b200: 1.05, gb200: 0.95 };
const TRUE_MEMORY: Readonly<Record<string, number>> = { 'megatron-core': 1.3 };

const rows = prepareFile({ file }).filter(
  ({ system, software = '' }) =>
    system in TRUE_CLOCKS && ['megatron-core', 'megatron-fsdp', 'maxtext'].includes(software),
);

/** Rows that take as long as they would with the true constants. */
function asIfTrue(row: PreparedRow): PreparedRow {
  const own = row.design.slice();
  row.design[CLOCK]! *= TRUE_CLOCKS[row.system]!;
  row.design[MEMORY]! *= TRUE_MEMORY[row.software!] ?? 1;
  const { seconds } = predictRow(row);
  row.design.set(own);
  return { ...row, row: { ...row.row, iteration_s: seconds! } };
}

const made = rows.filter((row) => predictRow(row).seconds !== undefined).map(asIfTrue);
const groups = byInstallation(made);
const shared = new SharedFit([...groups.values()]);

it('a framework on a machine without rows of the two has the clock of the machine and what the framework is elsewhere', () => {
  const left = new Set(groups.get(installationName('h100-sxm', 'megatron-core')));
  expect(left.size).toBeGreaterThan(4);
  const [clock, memory] = shared.fitTo((row) => !left.has(row)).factorsOf('h100-sxm', 'megatron-core');
  expect(clock! / TRUE_CLOCKS['h100-sxm']!).toBeCloseTo(1, 1);
  expect(memory! / TRUE_MEMORY['megatron-core']!).toBeCloseTo(1, 1);
});

it('all rows tell the constants that they were made with', () => {
  const { constants } = shared.fitTo(() => true);
  for (const [machine, factor] of Object.entries(TRUE_CLOCKS)) {
    const { value, preset } = constants.find(
      ({ owner, constant }) => owner === machine && constant.slots[0] === CLOCK,
    )!;
    expect(value / preset / factor, machine).toBeGreaterThan(0.97);
    expect(value / preset / factor, machine).toBeLessThan(1.03);
  }
});

it('a machine whose steps are faster than its kernels has their clock: the end of its range', () => {
  const fast = made.map((row) => ({
    ...row,
    row: { ...row.row, iteration_s: row.row.iteration_s * (row.system === 'gb200' ? 0.6 : 1) },
  }));
  const { constants } = new SharedFit([...byInstallation(fast).values()]).fitTo(() => true);
  const clock = constants.find(({ owner, constant }) => owner === 'gb200' && constant.slots[0] === CLOCK)!;
  expect(clock.value).toBeCloseTo(1, 5);
});

it('hybrids have no say', () => {
  const [first, ...others] = made;
  const hybrid = { ...first!, row: { ...first!.row, model: 'Nemotron-H-56B', iteration_s: 1000 } };
  const values = (rows: readonly PreparedRow[]) =>
    new SharedFit([...byInstallation(rows).values()]).fitTo(() => true).constants.map(({ value }) => value);
  expect(values([...others, hybrid])).toEqual(values(others));
});

it('rows that are left out have no say', () => {
  const others = made.map((row) => ({
    ...row,
    row: { ...row.row, iteration_s: row.row.iteration_s * (row.system === 'gb200' ? 3 : 1) },
  }));
  const disturbed = new SharedFit([...byInstallation(others).values()]);
  const keeps = ({ system }: PreparedRow) => system !== 'gb200';
  const values = (fit: SharedFit) => fit.fitTo(keeps).constants.map(({ value }) => value);
  expect(values(disturbed)).toEqual(values(shared));
});

it('what is fitted does not depend on what presets say', () => {
  const row = made[0]!;
  const design = row.design.slice();
  design[CLOCK]! *= 1.04;
  const [one, two] = [row, { ...row, design }].map((of) => new Response(of, OF_TODAY.slice(0, 1)));
  expect(two!.at([-0.1 - Math.log(1.04)]).error).toBeCloseTo(one!.at([-0.1]).error!, 10);
});

it('between its points an answer is near to the simulator', () => {
  for (const row of made.filter((_, i) => i % 8 === 0)) {
    const response = new Response(row, OF_TODAY.slice(0, 1));
    const own = row.design[CLOCK]!;
    row.design[CLOCK] = own * Math.exp(-0.13);
    const { seconds } = predictRow(row);
    row.design[CLOCK] = own;
    expect(response.at([-0.13]).error).toBeCloseTo(Math.log(seconds! / row.row.iteration_s), 2);
  }
});
