/** A command loads what it works with, and no more: Node's coverage lists what a process has loaded. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { packageRoot } from '../psa/packageRoot.js';

const root = pathToFileURL(packageRoot).href;

/** From the package root; Node's own modules left out. */
function loadedBy(...args: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'cosmic-start-'));
  try {
    const env = { ...process.env, NODE_V8_COVERAGE: folder };
    const main = join(packageRoot, 'dist', 'host', 'cli', 'main.js');
    expect(spawnSync(process.execPath, [main, ...args], { env }).status).toBe(0);
    return readdirSync(folder).flatMap((file) => {
      const { result } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { result: readonly { url: string }[] };
      return result
        .map(({ url }) => url)
        .filter((url) => url.startsWith(root))
        .map((url) => url.slice(root.length));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const LIST = /\/(?:zod|yaml|kernels|agents|host\/(?!cli\/|runs\/version))/;
const ONE_DESIGN =
  /\/(?:echarts|webgpu|gpu\.js|hyparquet|csv-parse|agents\/|host\/(?:search|proof|report|study|validate)\/)/;

it.each([
  ['--help', [], LIST],
  ['simulate', [], ONE_DESIGN],
  ['simulate', ['cosmic-full', '--ordinal', '3'], ONE_DESIGN],
  ['psa', ['show', 'cosmic-full'], ONE_DESIGN],
])('%s %j loads no more than it needs', (command, args, strange) => {
  const loaded = loadedBy(command, ...args);
  expect(loaded).toContain('/dist/host/cli/program.js');
  expect(loaded.filter((module) => strange.test(module))).toEqual([]);
});
