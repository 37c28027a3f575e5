/** What commands ask of the driver's compiler, by the size of their job. */
import { describe, expect, it } from 'vitest';
import { cosmicAfter } from './commandLine.js';
import { temporaryFolder } from './temporaryFolder.js';

/** Says at the end of a process how llvmpipe is to compile. Of another width the adapter would have another name, and no rates. */
const REPORT = `data:text/javascript,${encodeURIComponent('process.on("exit", () => console.error("GALLIVM_PERF", process.env.GALLIVM_PERF, process.env.LP_NATIVE_VECTOR_WIDTH))')}`;

describe('a command', () => {
  const folder = temporaryFolder('brief');
  const run = (...args: string[]) =>
    cosmicAfter(
      folder,
      `unset GALLIVM_PERF LP_NATIVE_VECTOR_WIDTH; export NODE_OPTIONS="--import ${REPORT}"`,
      ...args,
      ...['--backend', 'cpu', '--threads', '1'],
    );

  it.each([
    [
      'leaves the kernels of a brief sweep unoptimised',
      'nopt',
      ['sweep', 'cosmic-network', '--count', '500', '--out', 'sweep'],
    ],
    [
      'leaves those of a brief search unoptimised',
      'nopt',
      ['search', 'cosmic-network', '--evaluations', '200', '--out', 'search'],
    ],
    [
      'has those of a long sweep optimised',
      undefined,
      ['sweep', 'cosmic-network', '--count', '262145', '--out', 'long'],
    ],
  ])('%s', async (_, perf, args) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(0);
    expect(stderr).toContain(`GALLIVM_PERF ${perf} undefined\n`);
  });
});
