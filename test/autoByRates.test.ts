/** `auto` where rates of the machine are kept: what it takes, says, writes down, and goes on with. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { examine } from '../host/backends/doctor.js';
import { keepRates, processor } from '../host/backends/rates.js';
import { findAdapter, summarize } from '../host/backends/webgpu/adapters.js';
import { appears, cosmic, startCosmic } from './commandLine.js';
import { temporaryFolder } from './temporaryFolder.js';
import { webgpuAvailable } from './webgpu.js';

describe('auto by kept rates', () => {
  const folder = temporaryFolder('auto');
  let available = false;

  beforeAll(async () => {
    vi.stubEnv('XDG_CACHE_HOME', folder);
    available = await webgpuAvailable();
    if (!available) return;
    const { name, driver } = summarize((await findAdapter())!);
    // Made up, so that a sweep of seconds is worth a compiler: a thread does 1000 designs while WebGPU begins.
    keepRates({
      date: '2026-11-27',
      ...processor(),
      adapter: name,
      driver,
      cpu: { sweep: 1000 * processor().threads, search: 1000 },
      webgpu: { sweep: 1e6, search: 1e6 },
      startUpMs: 1200,
      steps: { cpu: { sweep: 100, search: 100 }, webgpu: { sweep: 1e5, search: 1e5 }, startUpMs: 1000 },
    });
  });
  afterAll(() => {
    vi.unstubAllEnvs();
  });

  const run = (...args: string[]) => cosmic(folder, 'sweep', 'cosmic-network', '--json', ...args);
  const manifest = (name: string) => JSON.parse(readFileSync(join(folder, name, 'manifest.json'), 'utf8'));
  const withoutRun = (text: string) => ({ ...JSON.parse(text), run: undefined });

  it('leaves a small sweep to the CPU, and says why', async ({ skip }) => {
    if (!available) skip();
    const { code, stderr } = await run('--count', '500', '--out', 'small');
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^backend: CPU, .* — auto: the CPU takes less than a second for the job by the rates of 2026-11-27$/m,
    );
    expect(manifest('small').backend).toMatchObject({ name: 'cpu' });
    expect(manifest('small').backend).not.toHaveProperty('cpuFirst');
  });

  it('begins a large one on the CPU, ends it on WebGPU, and the manifest says who evaluated what', async ({ skip }) => {
    if (!available) skip();
    const large = await run('--count', '200000', '--out', 'large');
    expect(large.code).toBe(0);
    expect(large.stderr).toMatch(/^backend: WebGPU on .*the first [\d,]+ designs .* CPU, .* — auto: .*, WebGPU /m);
    const { name, cpuFirst } = manifest('large').backend;
    expect({ name, isPowerOfTwo: Number.isInteger(Math.log2(Number(cpuFirst))) }).toEqual({
      name: 'webgpu',
      isPowerOfTwo: true,
    });
    const webgpu = await run('--count', '200000', '--backend', 'webgpu', '--out', 'webgpu');
    expect(withoutRun(large.stdout)).toEqual(withoutRun(webgpu.stdout));
  });

  it('takes WebGPU in the astra-sim profile where that was measured to be faster', async ({ skip }) => {
    if (!available) skip();
    const sweep = ['sweep', 'cosmic-full', '--profile', 'astra-sim', '--count', '2000', '--json'];
    const fast = await cosmic(folder, ...sweep, '--out', 'steps');
    expect(fast.stderr).toMatch(
      /^backend: WebGPU on .*whole ns.* — auto: the CPU takes about 20 s for the job, WebGPU /m,
    );
    expect(manifest('steps').backend).toMatchObject({ name: 'webgpu' });
    expect(manifest('steps').backend).not.toHaveProperty('cpuFirst');
  });

  it('goes on with a run by its manifest, whatever the rates are by then', async ({ skip }) => {
    if (!available) skip();
    const sweep = ['sweep', 'cosmic-full', '--count', '20000000', '--json'];
    const { child, outcome } = startCosmic(folder, ...sweep, '--out', 'ended');
    await Promise.race([appears(join(folder, 'ended', 'checkpoint.json')), outcome]);
    child.kill('SIGINT');
    // A machine may be too fast to be interrupted.
    expect([130, 0]).toContain((await outcome).code);
    const { cpuFirst } = manifest('ended').backend;
    const file = join(folder, 'cosmic', 'rates.json');
    const kept = readFileSync(file, 'utf8');
    rmSync(file);
    const resumed = await cosmic(folder, 'sweep', '--resume', 'ended', '--json');
    writeFileSync(file, kept);
    expect(resumed.code).toBe(0);
    const whole = await cosmic(folder, ...sweep, '--out', 'whole');
    expect(manifest('whole').backend.cpuFirst).toBe(cpuFirst);
    expect(withoutRun(resumed.stdout)).toEqual(withoutRun(whole.stdout));
  });

  it('is told by doctor, with the sizes that it changes at', async ({ skip }) => {
    if (!available) skip();
    const report = await examine();
    expect(report.rates).toMatchObject({ startUpMs: 1200 });
    const { stdout } = await cosmic(folder, 'doctor');
    expect(stdout).toMatch(/by rates of 2026-11-27: webgpu for sweeps from about [\d,]+ designs on, for searches from/);
    expect(stdout).toMatch(/^webgpu, .* 1,000,000 .* 1,200/m);
    expect(stdout).toMatch(/in the astra-sim profile: webgpu for sweeps from about [\d,]+ designs on/);
    expect(stdout).toMatch(/^webgpu, .*, astra-sim .* 100,000 .* 1,000/m);
  });
});
