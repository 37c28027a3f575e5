/** A command loads what it works with, and no more: Node's coverage lists the files of a process, their comments their modules. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { packageRoot } from '../psa/packageRoot.js';

const root = pathToFileURL(packageRoot).href;

/** The files that a command loads; Node's own left out. */
function filesOf(args: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'cosmic-start-'));
  try {
    const env = { ...process.env, NODE_V8_COVERAGE: folder };
    const main = join(packageRoot, 'dist', 'host', 'cli', 'main.js');
    expect(spawnSync(process.execPath, [main, ...args], { env }).status).toBe(0);
    return readdirSync(folder).flatMap((file) => {
      const { result } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { result: readonly { url: string }[] };
      return result.map(({ url }) => url).filter((url) => url.startsWith(root));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The modules and packages in those files, from the package root. */
function modulesOf(files: readonly string[]): string[] {
  return files.flatMap((file) => {
    const text = readFileSync(fileURLToPath(file), 'utf8');
    return [...text.matchAll(/^\/\/(?:#region)? (\S+\.[cm]?[jt]s)$/gm)].map(([, module]) => `/${module}`);
  });
}

const LIST = /\/(?:zod|yaml|kernels|agents|host\/(?!cli\/|runs\/version))/;
const ONE_DESIGN =
  /\/(?:echarts|webgpu|gpu\.js|hyparquet|csv-parse|agents\/|host\/(?:search|proof|report|study|validate)\/)/;

it.each([
  ['--help', [], LIST],
  ['simulate', [], ONE_DESIGN],
  ['simulate', ['cosmic-full', '--ordinal', '18887037040000'], ONE_DESIGN],
  // What does not fit in memory, with the nearest that do.
  ['simulate', ['--system', 'h100-sxm', '--model', 'llama3-8b'], ONE_DESIGN],
  ['psa', ['show', 'cosmic-full'], ONE_DESIGN],
])('%s %j loads no more than it needs', (command, args, strange) => {
  const files = filesOf([command, ...args]);
  const modules = modulesOf(files);
  expect(modules).toContain('/host/cli/program.ts');
  expect([...files.map((file) => file.slice(root.length)), ...modules].filter((name) => strange.test(name))).toEqual(
    [],
  );
});

it('knows the modules of a file that holds packages, too', () => {
  const modules = modulesOf(filesOf(['psa', 'show', 'cosmic-full']));
  expect(modules).toEqual(expect.arrayContaining(['/node_modules/zod/v4/core/core.js', '/psa/schema.ts']));
});
