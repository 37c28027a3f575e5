import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { webgpuAvailable } from '../../../test/webgpu.js';

const library = JSON.stringify(pathToFileURL(join(packageRoot, 'dist', 'host', 'index.js')).href);

/** A whole process: it evaluates on the compiled code, closes, and must end by itself. */
function program(backend: string): string {
  return `
    const { loadPsa, compilePsa, createEvaluator } = await import(${library});
    const evaluator = await createEvaluator(compilePsa(loadPsa('cosmic-network')), { backend: '${backend}', threads: 2 });
    const { count } = await evaluator.evaluate({ kind: 'samples', seed: 1, start: 0n, count: 1000 });
    await evaluator.close();
    console.log('evaluated', count);`;
}

async function run(backend: string): Promise<string> {
  const args = ['--input-type=module', '--eval', program(backend)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 150_000 });
  return stdout;
}

describe('a process that closes its evaluator', () => {
  it.each(['cpu', 'gpujs'])('ends cleanly after %s', async (backend) => {
    expect(await run(backend)).toBe('evaluated 1000\n');
  });

  it('ends cleanly after webgpu', async ({ skip }) => {
    if (!(await webgpuAvailable())) skip();
    expect(await run('webgpu')).toBe('evaluated 1000\n');
  });
});
