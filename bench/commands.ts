/**
 * Whole commands as a user waits for them: processes from their start to their end, in turns, so that the ratios hold even on a
 * noisy machine.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { median } from '../host/statistics/statistics.js';
import { packageRoot } from '../psa/packageRoot.js';

/** A command, and what a user would call it. */
export interface BenchedCommand {
  readonly title: string;
  readonly args: readonly string[];
}

/** One run. */
export interface CommandRun {
  /** On the clock. */
  readonly seconds: number;
  /** Of all threads, in the process and in the system on its behalf. */
  readonly processorSeconds: number;
}

export interface CommandResult extends BenchedCommand {
  /** Median, slowest and fastest of the runs. */
  readonly seconds: number;
  readonly slowest: number;
  readonly fastest: number;
  readonly processorSeconds: number;
}

const RUNS = 5;

/** What users do most, from the shortest to the longest. */
export function benchedCommands(hasAdapter: boolean): BenchedCommand[] {
  const largeSweep = (backend: string) => ({
    title: `all 8,100,000 designs of a space, ${backend}`,
    args: ['sweep', 'cosmic-network', '--backend', backend],
  });
  return [
    { title: 'the list of commands', args: ['--help'] },
    { title: 'one design', args: ['simulate'] },
    { title: 'what is in a space', args: ['psa', 'show', 'cosmic-full'] },
    { title: 'a small sweep', args: ['sweep', 'cosmic-network', '--count', '10000'] },
    largeSweep('cpu'),
    ...(hasAdapter ? [largeSweep('webgpu')] : []),
    { title: 'a search', args: ['search', 'cosmic-full', '--evaluations', '100000', '--seed', '1'] },
    { title: 'a proof over 18,977,587,200,000 designs', args: ['prove', 'cosmic-full', '--objective', 'time*cost'] },
  ];
}

/** Writes the processor time of a process to its file descriptor 3 when it ends; µs. */
const REPORT = `data:text/javascript,${encodeURIComponent(
  `import { writeSync } from 'node:fs';
  process.on('exit', () => { const { user, system } = process.cpuUsage(); writeSync(3, String(user + system)); });`,
)}`;

/** Writes of a run where it is told to; of others nothing is left. */
async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'cosmic-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs a command once, in an empty folder.
 *
 * @param checkout with a dist/
 * @throws Error where it fails
 */
export function runCommand({ args }: BenchedCommand, checkout: string = packageRoot): Promise<CommandRun> {
  return inFolder(async (cwd) => {
    const main = join(checkout, 'dist', 'host', 'cli', 'main.js');
    const began = performance.now();
    const child = spawn(process.execPath, ['--import', REPORT, main, ...args], {
      cwd,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    const [said, spent, [code]] = await Promise.all([
      text(child.stdio[2] as NodeJS.ReadableStream),
      text(child.stdio[3] as NodeJS.ReadableStream),
      once(child, 'close'),
    ]);
    const seconds = (performance.now() - began) / 1000;
    if (code !== 0) throw new Error(`cosmic ${args.join(' ')} ended with ${code}: ${said.trim()}`);
    return { seconds, processorSeconds: Number(spent) / 1e6 };
  });
}

function summary(command: BenchedCommand, runs: readonly CommandRun[]): CommandResult {
  const seconds = runs.map((run) => run.seconds);
  return {
    ...command,
    seconds: median(seconds),
    slowest: Math.max(...seconds),
    fastest: Math.min(...seconds),
    processorSeconds: median(runs.map((run) => run.processorSeconds)),
  };
}

/** Measures commands of this checkout, after a run of each that fills the system's caches. */
export async function measureCommands(
  commands: readonly BenchedCommand[],
  runs: number = RUNS,
): Promise<CommandResult[]> {
  const done = commands.map((command) => ({ command, runs: [] as CommandRun[] }));
  for (let run = -1; run < runs; run++) {
    for (const of of done) {
      const result = await runCommand(of.command);
      if (run >= 0) of.runs.push(result);
    }
  }
  return done.map((of) => summary(of.command, of.runs));
}

/** A command here and in another checkout, in turns. */
export interface CommandComparison extends BenchedCommand {
  readonly here: number;
  readonly there: number;
  /** Here ÷ there, of runs side by side: the median and the ends; of time on the clock and of the processor's. */
  readonly clock: Ratio;
  readonly processor: Ratio;
}

export interface Ratio {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

function ratioOf(ratios: readonly number[]): Ratio {
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}

/** Compares commands of this checkout with the same of another, built too; one after the other, and in turns first. */
export async function compareCommands(
  commands: readonly BenchedCommand[],
  there: string,
  runs: number = RUNS,
): Promise<CommandComparison[]> {
  const results: CommandComparison[] = [];
  for (const command of commands) {
    const pairs: (readonly [here: CommandRun, there: CommandRun])[] = [];
    for (let run = -1; run < runs; run++) {
      const [first, second] = run % 2 === 0 ? [packageRoot, there] : [there, packageRoot];
      const [a, b] = [await runCommand(command, first), await runCommand(command, second)];
      if (run >= 0) pairs.push(first === there ? [b, a] : [a, b]);
    }
    results.push({
      ...command,
      here: median(pairs.map(([here]) => here.seconds)),
      there: median(pairs.map(([, other]) => other.seconds)),
      clock: ratioOf(pairs.map(([here, other]) => here.seconds / other.seconds)),
      processor: ratioOf(pairs.map(([here, other]) => here.processorSeconds / other.processorSeconds)),
    });
  }
  return results;
}
