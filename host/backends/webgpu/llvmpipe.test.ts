import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { webgpuAvailable } from '../../../test/webgpu.js';
import { compileFast } from './llvmpipe.js';

const SCRIPT = `
import { createHash } from 'node:crypto';
import { compilePsa, createEvaluator, loadPsa } from './dist/host/index.js';
const space = compilePsa(loadPsa('cosmic-collective', { system: 'dgx-a100', model: 'gpt3-13b' }));
const evaluator = await createEvaluator(space, { backend: 'webgpu' });
const { outputs, status } = await evaluator.evaluate({ kind: 'samples', seed: 1, start: 0n, count: 500 });
await evaluator.close();
console.log(createHash('sha1').update(outputs).update(status).digest('hex'));
`;

const available = await webgpuAvailable();

describe('compileFast', () => {
  it('leaves what the environment says', () => {
    vi.stubEnv('GALLIVM_PERF', '');
    vi.stubEnv('LP_NATIVE_VECTOR_WIDTH', undefined);
    try {
      compileFast();
      expect(process.env).toMatchObject({ GALLIVM_PERF: '', LP_NATIVE_VECTOR_WIDTH: '128' });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it.skipIf(!available)('changes no bit of the outputs', async () => {
    const hashes = [];
    for (const fast of [
      { GALLIVM_PERF: undefined, LP_NATIVE_VECTOR_WIDTH: undefined },
      { GALLIVM_PERF: 'nopt', LP_NATIVE_VECTOR_WIDTH: '128' },
    ]) {
      const env = { ...process.env, ...fast };
      hashes.push((await promisify(execFile)('node', ['--input-type=module', '-e', SCRIPT], { env })).stdout);
    }
    expect(hashes[0]).toMatch(/^[0-9a-f]{40}\n$/);
    expect(hashes[1]).toBe(hashes[0]);
  });
});
