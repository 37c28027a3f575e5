import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { smallSpace } from '../../test/smallSpace.js';
import { chooseBackend } from './chooseBackend.js';
import { type Job, planJob, webgpuFrom } from './plan.js';
import { areOf, keepRates, keptRates, processor, type Rates, ratesFile } from './rates.js';

/** Two cores and Mesa's llvmpipe, in round numbers: a compiler's second and a half, and twenty times as many designs. */
const rates: Rates = {
  date: '2026-11-27',
  cpuModel: 'some CPU',
  threads: 2,
  adapter: 'llvmpipe',
  driver: 'Mesa',
  cpu: { sweep: 1_000_000, search: 400_000 },
  webgpu: { sweep: 20_000_000, search: 10_000_000 },
  startUpMs: 1500,
};

const sweep = (designs: bigint): Job => ({ kind: 'sweep', designs });

describe('a plan', () => {
  it('leaves a small sweep to the CPU: 1,000,000 designs take it a second, WebGPU has not begun by then', () => {
    expect(planJob(sweep(1_000_000n), rates, 2)).toEqual({ backend: 'cpu', cpuFirst: 0n, seconds: 1, cpuSeconds: 1 });
  });

  it('begins a large sweep on the core that the compiler leaves, and ends it on WebGPU', () => {
    const plan = planJob(sweep(10n ** 8n), rates, 2);
    // One of two threads does 500,000 × 1.5 s × 0.9 = 675,000 designs meanwhile; 524,288 is the power of two below.
    expect(plan).toMatchObject({ backend: 'webgpu', cpuFirst: 524_288n, cpuSeconds: 100 });
    expect(plan.seconds).toBeCloseTo(1.5 + (1e8 - 524_288) / 2e7, 9);
  });

  it('takes WebGPU from the size on that it says, and by as much as is worthwhile', () => {
    const from = webgpuFrom({ kind: 'sweep' }, rates)!;
    expect(planJob(sweep(from), rates, 2).backend).toBe('webgpu');
    expect(planJob(sweep(from / 2n), rates, 2).backend).toBe('cpu');
    // 0.8 n / 10⁶ = 1.5 + n / (2 · 10⁷) holds at n = 2,000,000.
    expect(from).toBe(2n ** 21n);
  });

  it('reckons with the threads that a job may use', () => {
    expect(planJob(sweep(1_500_000n), rates, 2).backend).toBe('cpu');
    expect(planJob(sweep(1_500_000n), rates, 1)).toMatchObject({
      backend: 'webgpu',
      cpuSeconds: 3,
      cpuFirst: 262_144n,
    });
  });

  it('gives a search to one backend: what its agent has seen decides what it asks for next', () => {
    expect(planJob({ kind: 'search', designs: 400_000n }, rates, 2).backend).toBe('cpu');
    expect(planJob({ kind: 'search', designs: 10n ** 7n }, rates, 2)).toMatchObject({
      backend: 'webgpu',
      cpuFirst: 0n,
    });
  });

  it('lets the CPU begin no sweep that nobody takes over', () => {
    const plan = planJob({ ...sweep(10n ** 8n), handsOver: false }, rates, 2);
    expect(plan).toMatchObject({ backend: 'webgpu', cpuFirst: 0n, seconds: 1.5 + 5 });
  });

  it('never takes a WebGPU that is slower', () => {
    const slow = { ...rates, webgpu: { sweep: 900_000, search: 300_000 } };
    expect(webgpuFrom({ kind: 'sweep' }, slow)).toBeUndefined();
    expect(planJob(sweep(10n ** 15n), slow, 2).backend).toBe('cpu');
  });
});

describe('kept rates', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cosmic-rates-'));
    vi.stubEnv('XDG_CACHE_HOME', folder);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  const ofThisMachine = (): Rates => ({ ...rates, ...processor() });

  it('are read back, on the cores that they were measured on', () => {
    expect(keptRates()).toBeUndefined();
    keepRates(ofThisMachine());
    expect(keptRates()).toEqual(ofThisMachine());
    keepRates({ ...ofThisMachine(), cpuModel: 'another CPU' });
    expect(keptRates()).toBeUndefined();
    keepRates({ ...ofThisMachine(), threads: processor().threads + 1 });
    expect(keptRates()).toBeUndefined();
  });

  it('are of one adapter and driver', () => {
    expect(areOf(rates, { name: 'llvmpipe', driver: 'Mesa' })).toBe(true);
    expect(areOf(rates, { name: 'llvmpipe', driver: 'another Mesa' })).toBe(false);
  });

  it.each([
    '',
    '{',
    '{"cpu": 1}',
    JSON.stringify({ ...rates, startUpMs: 0 }),
  ])('are none in a broken file: %j', (text) => {
    mkdirSync(dirname(ratesFile()), { recursive: true });
    writeFileSync(ratesFile(), text);
    expect(keptRates()).toBeUndefined();
  });

  it('decide for auto, which says so in one line', async () => {
    keepRates(ofThisMachine());
    const small = await chooseBackend(smallSpace().workload, sweep(1000n));
    expect(small).toEqual({
      backend: 'cpu',
      reason: 'the CPU takes less than a second for the job by the rates of 2026-11-27',
    });
    // No adapter has that name: a large job goes by what there is.
    const large = await chooseBackend(smallSpace().workload, sweep(10n ** 12n));
    expect(large.reason).not.toContain('rates');
  });

  it('decide in the astra-sim profile where they are measured there, else the CPU is taken', async () => {
    const { workload } = compilePsa(loadPsa('cosmic-full', { profile: 'astra-sim' }));
    const unmeasured = { backend: 'cpu', reason: expect.stringContaining('no hardware adapter was measured') };
    keepRates(ofThisMachine());
    expect(await chooseBackend(workload, sweep(10n ** 12n))).toEqual(unmeasured);
    const steps = { cpu: { sweep: 1000, search: 1000 }, webgpu: { sweep: 1e5, search: 1e5 }, startUpMs: 1000 };
    keepRates({ ...ofThisMachine(), steps });
    // No adapter has that name.
    expect(await chooseBackend(workload, sweep(10n ** 12n))).toEqual(unmeasured);
    expect(await chooseBackend(workload, sweep(500n), processor().threads)).toEqual({
      backend: 'cpu',
      reason: 'the CPU takes less than a second for the job by the rates of 2026-11-27',
    });
  });
});
