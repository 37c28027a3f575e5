import { describe, expect, it } from 'vitest';
import { OUTPUT, OUTPUT_COUNT } from '../kernels/outputs.js';
import { createSimulator } from '../kernels/simulate.js';
import { psa } from './builder.js';
import { compileDesign, loadDefault } from './defaults.js';
import { CODE, PARAMETERS, SLOT } from './parameters.js';
import { listPresets } from './presets.js';
import { loadSoftware, withSoftware } from './software.js';
import { loadSystem } from './system.js';

const SIZE = ['system.npus=64'];

describe('software', () => {
  it('decides its parameters, and leaves all others to the machine', () => {
    const machine = loadSystem('h100-sxm');
    const { defaults } = withSoftware(machine, loadSoftware('megatron-lm-2021'));
    expect(defaults.get('workload.attention')).toEqual([CODE.workload.attention.unfused]);
    expect(defaults.get('compute.peakTflops')).toEqual(machine.defaults.get('compute.peakTflops'));
  });

  it('gives way to what is set', () => {
    const set = [...SIZE, 'workload.attention=fused'];
    const { fixed } = compileDesign(loadDefault('h100-sxm', 'llama3-8b', set, undefined, 'megatron-lm-2021'));
    expect(fixed[SLOT.workload.attention]).toBe(CODE.workload.attention.fused);
    expect(fixed[SLOT.workload.gradientBytes]).toBe(2);
  });

  it('is part of a PsA, and of what is kept of one', () => {
    const built = psa('mine').system('h100-sxm').software('fsdp2').model('llama3-8b');
    expect(built.build().system.name).toBe('h100-sxm, fsdp2');
    expect(built.yaml()).toContain('software: fsdp2');
    expect(built.sources().software!.text).toContain('name: fsdp2');
  });

  it('decides otherwise on machines of a compute capability', () => {
    const framework = loadSoftware('fsdp2');
    const attention = (machine: string) =>
      withSoftware(loadSystem(machine), framework).defaults.get('compute.synchronousAttention');
    expect(attention('b200')).toEqual([0]);
    // Of Blackwell's RTX cards it is 12, of which PyTorch prefers no cuDNN.
    for (const machine of ['h100-sxm', 'rtx-pro-6000']) {
      expect(attention(machine)).toEqual(framework.defaults.get('compute.synchronousAttention'));
    }
    // Chips of AMD and Google have none, and no instructions of Ampere that attention could be made of.
    for (const machine of ['mi300x', 'tpu-v6e']) expect(attention(machine)).toEqual([0]);
  });

  it('decides nothing otherwise on a machine of one’s own that does not say whose chip it has', () => {
    const framework = loadSoftware('fsdp2');
    const { computeCapability: _, ...own } = loadSystem('h100-sxm');
    const machine = { ...own, computeCapability: undefined };
    const said = framework.defaults.get('compute.synchronousAttention');
    expect(withSoftware(machine, framework).defaults.get('compute.synchronousAttention')).toEqual(said);
    const other = { ...own, computeCapability: 'none' as const };
    expect(withSoftware(other, framework).defaults.get('compute.synchronousAttention')).toEqual([0]);
  });

  it('that nobody knows is refused with the names of those that are there', () => {
    expect(() => loadSoftware('megatron-corf')).toThrow(expect.objectContaining({ code: 'UNKNOWN_PRESET' }));
  });

  it.each(listPresets('machines'))('each runs on %s', (machine) => {
    for (const software of listPresets('software')) {
      const { fixed } = compileDesign(loadDefault(machine, 'llama3-8b', SIZE, undefined, software));
      expect(fixed[SLOT.workload.dp]).toBe(64);
    }
  });
});

it('the machine of today with the software of 2021 is dgx-a100', () => {
  const set = [
    ...SIZE,
    'workload.tp=8',
    'workload.pp=1',
    'workload.recomputation=full',
    'workload.sequenceParallel=off',
  ];
  const whole = compileDesign(loadDefault('dgx-a100', 'gpt3-13b', [...set, 'workload.attention=unfused']));
  const parts = compileDesign(loadDefault('a100-80gb', 'gpt3-13b', set, undefined, 'megatron-lm-2021'));
  // The machine has the constants of today's kernels, and that software those of its own: together they come to the same.
  for (const { name, slot, stack } of PARAMETERS) {
    if (stack !== 'compute') expect([name, parts.fixed[slot]]).toEqual([name, whole.fixed[slot]]);
  }
  const seconds = ({ workload, tiers, fixed }: typeof whole) => {
    const outputs = new Float64Array(OUTPUT_COUNT);
    createSimulator(workload, tiers)(fixed, outputs, 0);
    return outputs[OUTPUT.timeUs]! * 1e-6;
  };
  expect(Math.abs(seconds(parts) / seconds(whole) - 1)).toBeLessThan(0.005);
});
