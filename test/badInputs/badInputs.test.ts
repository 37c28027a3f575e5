/**
 * Bad input of all kinds to all commands: exit code 2, one error with its place and its remedy, and nothing else. The commands
 * run in this process, a few of them again as processes of their own.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { runCommand } from '../../host/cli/program.js';
import { cosmic } from '../commandLine.js';
import { temporaryFolder } from '../temporaryFolder.js';
import { type BadInput, FILE } from './badInput.js';
import { badFiles } from './files.js';
import { badOptions } from './options.js';
import { parameterValues } from './parameterValues.js';

const ALL = [...parameterValues, ...badFiles, ...badOptions];

const folder = temporaryFolder('bad');
let number = 0;

/** The arguments with the file that they name, which is written. */
function prepared({ args, file }: BadInput): string[] {
  if (file === undefined) return [...args];
  const own = join(folder, String(++number));
  mkdirSync(own);
  const path = join(own, file.name);
  writeFileSync(path, file.text);
  return args.map((argument) => (argument === FILE ? path : argument));
}

/** Runs a command here; what it writes is kept. */
async function captured(args: readonly string[]) {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    }),
  );
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    await runCommand(args);
    return { ...written, code: process.exitCode };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}

/** Three lines of text, behind a note or so; no stack, no control characters, nothing endless. */
function expectOneError(stderr: string): void {
  expect(stderr).toMatch(/^(?:note: [^\n]+\n){0,3}error: [^\n]+\n {2}at: {2}[^\n]+\n {2}fix: [^\n]+\n$/);
  expect(stderr.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  expect(stderr.length).toBeLessThan(2500);
}

describe('bad input', () => {
  it('comes in more than 500 kinds', () => {
    expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length);
    expect(ALL.length).toBeGreaterThan(500);
  });

  it.each(ALL)('$name', async (input) => {
    const { code, stdout, stderr } = await captured([...prepared(input), '--json']);
    expect(stderr.slice(0, 2500)).toContain('error: ');
    expectOneError(stderr);
    expect(code).toBe(2);
    const { error } = JSON.parse(stdout) as { error: { code: string; file?: string; line?: number; remedy: string } };
    expect(input.codes).toContain(error.code);
    if (input.at !== undefined) expect(error.file).toContain(input.at);
    if (input.line !== undefined) expect(error.line).toBe(input.line);
    if (input.fix !== undefined) expect(error.remedy).toContain(input.fix);
  });
});

describe('as a process of its own', () => {
  const some = ALL.filter((_, i) => i % Math.ceil(ALL.length / 6) === 0);

  it.each(some)('$name', async (input) => {
    const { code, stderr } = await cosmic(folder, ...prepared(input));
    expectOneError(stderr);
    expect(code).toBe(2);
  });
});
