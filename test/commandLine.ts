import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../psa/packageRoot.js';

const MAIN = join(packageRoot, 'dist', 'host', 'cli', 'main.js');

/** What a command left behind. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command in progress. */
export interface Running {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
}

/** Starts the built command line in a folder, as a user would. */
export function startCosmic(cwd: string, ...args: string[]): Running {
  return collect(spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...process.env, NO_COLOR: '1' } }));
}

/** Runs the built command line in a folder to its end. */
export function cosmic(cwd: string, ...args: string[]): Promise<Outcome> {
  return startCosmic(cwd, ...args).outcome;
}

/** As {@link cosmic}, in the process of a shell that does something before. */
export function cosmicAfter(cwd: string, script: string, ...args: string[]): Promise<Outcome> {
  return collect(spawn('bash', ['-c', `${script}; exec "$@"`, 'bash', process.execPath, MAIN, ...args], { cwd }))
    .outcome;
}

/** As {@link cosmic}, where no file may grow beyond some KiB: what a full disk does to it. */
export function cosmicOnFullDisk(cwd: string, kib: number, ...args: string[]): Promise<Outcome> {
  return cosmicAfter(cwd, `ulimit -f ${kib}`, ...args);
}

function collect(child: ChildProcess): Running {
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout?.on('data', (data: Buffer) => out.push(data));
  child.stderr?.on('data', (data: Buffer) => err.push(data));
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
  });
  return { child, outcome };
}

/** Waits until a file is there. */
export async function appears(path: string): Promise<void> {
  while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 20));
}
