/** What to change of a design that does not fit: the changes that are shown make it fit. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cosmic } from './commandLine.js';
import { temporaryFolder } from './temporaryFolder.js';

const folder = temporaryFolder('fits');

const JOB = ['--system', 'h100-sxm', '--model', 'llama3-70b', '--set', 'system.npus=16', '--set', 'workload.tp=8'];

interface Fit {
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly timeSeconds: number;
  readonly timeRatio: number;
  readonly lessMB: number;
  readonly memory: { readonly chanceToFit: number };
}

async function simulated(...args: string[]) {
  return JSON.parse((await cosmic(folder, 'simulate', ...args, '--json')).stdout);
}

it('simulates designs that fit, with the memory and the time that it says', async () => {
  const own = await simulated(...JOB);
  expect(own.infeasible).not.toEqual([]);
  const fits: Fit[] = own.nearestFits;
  expect(fits.length).toBeGreaterThan(0);
  for (const { parameters, timeSeconds, timeRatio, lessMB, memory } of fits) {
    expect(memory.chanceToFit).toBeGreaterThan(0.75);
    const sets = Object.entries(parameters).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
    const changed = await simulated(...JOB, ...sets);
    expect(changed.infeasible).toEqual([]);
    expect(changed.outputs.timeUs * 1e-6).toBeCloseTo(timeSeconds, 6);
    expect(changed.outputs.timeUs / own.outputs.timeUs).toBeCloseTo(timeRatio, 9);
    expect(own.outputs.reservedMB - changed.outputs.reservedMB).toBeCloseTo(lessMB, 3);
    expect(changed).not.toHaveProperty('nearestFits');
  }
});

it.each(['simulate', 'explain'])('%s shows them with what to set', async (command) => {
  const { stdout } = await cosmic(folder, command, ...JOB);
  expect(stdout).toMatch(/The nearest designs that fit, fewest changes first/);
  expect(stdout).toMatch(/of now {2}less memory \(GB\) {2}chance to fit \(%\) {2}changes\n.* workload\.\w+=\w+/);
});

const SPACE = `version: 1
name: own
system: dgx-h100
model: llama3-70b
workload: { batch: 1024, microBatch: 1, tp: 1, pp: 1, sp: 1 }
constraints: [workload.pp == 1]
`;

it('keeps the conditions of a space', async () => {
  writeFileSync(join(folder, 'own.yaml'), SPACE);
  const fits: Fit[] = (await simulated('own.yaml')).nearestFits;
  expect(fits.length).toBeGreaterThan(0);
  for (const { parameters } of fits) expect(parameters).not.toHaveProperty(['workload.pp']);
});

it('says so where nothing fits', async () => {
  const job = ['--system', 'h100-sxm', '--model', 'gpt3-175b', '--set', 'system.npus=1'];
  expect((await cosmic(folder, 'simulate', ...job)).stdout).toMatch(
    /\nNo change of up to three switches makes it fit\.\n/,
  );
});
