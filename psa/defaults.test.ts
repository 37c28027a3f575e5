import { describe, expect, it } from 'vitest';
import { compileDesign, defaultDesign, defaultPsa, loadDefault } from './defaults.js';
import { loadPsa } from './load.js';
import { SLOT, slotOf } from './parameters.js';
import { listPresets } from './presets.js';

describe('default designs', () => {
  it.each([
    ['cosmic-1024', [8, 4, 8, 4], [4, 8, 4, 8]],
    ['cosmic-2048', [8, 8, 8, 4], [8, 16, 4, 4]],
    ['cosmic-512', [8, 4, 4, 4], [4, 4, 4, 8]],
    ['dgx-a100', [16, 8, 1, 8], [8, 128, 1, 1]],
    ['dgx-h100', [16, 8, 1, 8], [8, 128, 1, 1]],
  ])('of %s have dp, tp, sp, pp = %j', (system, degrees, npus) => {
    const design = defaultDesign(system, 'gpt3-175b');
    expect(['dp', 'tp', 'sp', 'pp'].map((axis) => design[slotOf(`workload.${axis}`)])).toEqual(degrees);
    expect([...design.slice(SLOT.network.npus, SLOT.network.npus + 4)]).toEqual(npus);
  });

  it.each([
    ['system.npus=1', [1, 1, 1, 1], [1, 1]],
    ['system.npus=2', [1, 2, 1, 1], [2, 1]],
    ['system.npus=4', [1, 4, 1, 1], [4, 1]],
    ['system.npus=6', [3, 2, 1, 1], [6, 1]],
    ['system.npus=8', [1, 8, 1, 1], [8, 1]],
    ['system.npus=16', [1, 8, 1, 2], [8, 2]],
  ])('of a cluster fit its number of NPUs: %s', (set, degrees, npus) => {
    for (const system of ['dgx-a100', 'dgx-h100']) {
      const design = defaultDesign(system, 'llama3-70b', [set]);
      expect(['dp', 'tp', 'sp', 'pp'].map((axis) => design[slotOf(`workload.${axis}`)])).toEqual(degrees);
      expect([...design.slice(slotOf('network.npus'), slotOf('network.npus') + 2)]).toEqual(npus);
    }
  });

  it('of a cluster make room for what is set', () => {
    const design = defaultDesign('dgx-h100', 'llama3-70b', ['system.npus=32', 'workload.dp=4', 'network.npus[0]=4']);
    expect(['dp', 'tp', 'sp', 'pp'].map((axis) => design[slotOf(`workload.${axis}`)])).toEqual([4, 8, 1, 1]);
    expect(design[slotOf('network.npus') + 1]).toBe(8);
  });

  it('exist for every system and model', () => {
    for (const system of listPresets('systems')) {
      for (const model of listPresets('models')) {
        expect(compileDesign(loadDefault(system, model))).toMatchObject({ genes: [], count: 1n, systemName: system });
      }
    }
  });

  it('take overrides, and tp follows', () => {
    expect(defaultDesign('cosmic-1024', 'gpt3-175b', ['workload.dp=16'])[SLOT.workload.tp]).toBe(2);
  });

  it('are errors where overrides leave several, or none', () => {
    expect(() => defaultDesign('cosmic-1024', 'gpt3-175b', ['workload.dp=1,2'])).toThrow(
      expect.objectContaining({ code: 'DESIGN_AMBIGUOUS', remedy: expect.stringContaining('--set workload.dp=1') }),
    );
    expect(() => defaultDesign('cosmic-1024', 'gpt3-175b', ['workload.tp=8'])).toThrow(
      expect.objectContaining({ code: 'SPACE_EMPTY', message: expect.stringContaining('workload.tp = 8') }),
    );
  });

  it('keep what a PsA fixes, and drop what it varies', () => {
    const psa = loadPsa('cosmic-full', { set: ['model.layers=4', 'compute.peakTflops=20', 'network.latencyNs[1]=9'] });
    const space = compileDesign(defaultPsa(psa));
    expect(space.fixed[SLOT.compute.peakTflops]).toBe(20);
    expect(space.fixed[SLOT.network.latencyNs + 1]).toBe(9);
    expect(space.fixed[SLOT.network.bandwidthGBps]).toBe(375);
    expect(space.workload.phases[0]!.layers).toBe(4);
  });
});
