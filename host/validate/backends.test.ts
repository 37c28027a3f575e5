import { beforeAll, describe, expect, it } from 'vitest';
import { FEATURES, hasFeature } from '../../kernels/decode/features.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { listPresets } from '../../psa/presets.js';
import { webgpuAvailable } from '../../test/webgpu.js';
import { type BackendValidation, validateBackends } from './backends.js';
import { combinationsOf } from './combinations.js';

describe.skipIf(!(await webgpuAvailable()))('validateBackends', () => {
  const presets = { models: ['gpt3-13b'], systems: ['cosmic-1024', 'dgx-a100'] };
  let report: BackendValidation;
  const progress: number[] = [];

  beforeAll(async () => {
    const onProgress = (designs: number) => progress.push(designs);
    report = await validateBackends({
      ...presets,
      spaces: ['cosmic-full', 'cosmic-workload'],
      designs: 1000,
      seed: 1,
      onProgress,
    });
  });

  it('finds WebGPU and the CPU in agreement', () => {
    expect(report.failures).toEqual([]);
    expect(report.passed).toBe(true);
    expect(report.maxRelError).toBeLessThanOrEqual(report.tolerance);
    expect(report.designs).toBe(1000);
    expect(progress).toEqual([250, 500, 750, 1000]);
    const alike = report.groups.filter(({ output }) => output !== 'timeUs');
    expect(alike.every(({ cases }) => cases === 1000 - report.statuses.different)).toBe(true);
  });

  it('compares what sweeps keep as well', () => {
    expect(report.groups.find(({ output }) => output === 'timeUs')!.cases).toBeGreaterThan(1000);
  });

  it('tells what it has covered', () => {
    expect(report).toMatchObject({ combinations: 4, held: 0, swept: 2 });
    expect(report.features).toContainEqual({ feature: 'HAS_TENSOR_OVERLAP', on: 2, off: 2 });
    expect(report.features.every(({ on, off }) => on + off === 4)).toBe(true);
  });
});

describe('combinationsOf', () => {
  const combinations = combinationsOf({});
  const held = combinations.filter((combination) => combination.held.length > 0);

  it('has every preset space with every preset system and with every preset model', () => {
    const [spaces, systems, models] = (['spaces', 'systems', 'models'] as const).map(listPresets);
    const whole = combinations.filter((combination) => combination.held.length === 0);
    const pairs = (other: 'system' | 'model') => new Set(whole.map((one) => `${one.space} ${one[other]}`)).size;
    expect([pairs('system'), pairs('model')]).toEqual([
      spaces!.length * systems!.length,
      spaces!.length * models!.length,
    ]);
    expect(new Set(whole.filter(({ swept }) => swept).map(({ space }) => space))).toEqual(new Set(spaces));
  });

  it('holds each choice of a design at each of its values, one at a time', () => {
    expect(held.map((combination) => combination.held)).toEqual(
      expect.arrayContaining([
        ['workload.tensorOverlap=off'],
        ['workload.tensorOverlap=on'],
        ['workload.weightSharding=zero3'],
      ]),
    );
  });

  it('compiles kernels with each of their features and without', { timeout: 300_000 }, () => {
    const spaces = held.map(({ space, system, model, held: set }) =>
      compilePsa(loadPsa(space, { system, model, set })),
    );
    for (const feature of FEATURES) {
      const found = spaces.map((space) => hasFeature(space, feature));
      expect(new Set(found), feature.constant).toEqual(new Set([true, false]));
    }
  });
});
