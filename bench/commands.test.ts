import { expect, it } from 'vitest';
import { packageRoot } from '../psa/packageRoot.js';
import { compareCommands, measureCommands, runCommand } from './commands.js';

const version = { title: 'the version', args: ['--version'] };

it('times a process from its start to its end, by the clock and by the processor', async () => {
  const [result] = await measureCommands([version], 3);
  expect(result).toMatchObject(version);
  const { seconds, slowest, fastest, processorSeconds } = result!;
  expect(fastest <= seconds && seconds <= slowest).toBe(true);
  // No Node.js starts within a millisecond, by either clock.
  expect(Math.min(fastest, processorSeconds)).toBeGreaterThan(0.001);
});

it('counts the time of threads, too', async () => {
  const args = ['sweep', 'cosmic-network', '--count', '300000', '--backend', 'cpu'];
  const [alone, sweep] = [await runCommand(version), await runCommand({ title: 'a sweep', args })];
  expect(sweep.processorSeconds).toBeGreaterThan(2 * alone.processorSeconds);
});

it('puts two checkouts side by side: one is as fast as itself', async () => {
  const [result] = await compareCommands([version], packageRoot, 3);
  const { here, there, clock, processor } = result!;
  expect(Math.min(here, there)).toBeGreaterThan(0.001);
  for (const { least, median, most } of [clock, processor]) expect(least <= median && median <= most).toBe(true);
});

it('does not measure what fails', async () => {
  await expect(runCommand({ title: 'nothing', args: ['swep'] })).rejects.toThrow(/cosmic swep ended with 2: error/);
});
