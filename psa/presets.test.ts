import { describe, expect, it } from 'vitest';
import { loadModel } from './model.js';
import type { ModelPhase } from './space.js';
import { loadSystem } from './system.js';

/** Parameters of a transformer without biases and norms: attention, MLP of all experts, token table and head, or patches. */
function parameterCount(phase: ModelPhase): number {
  const attention = 2 * phase.hidden * phase.headDim * (phase.heads + phase.kvHeads);
  const mlp = (phase.gated ? 3 : 2) * phase.hidden * phase.ffn * phase.experts;
  const ends = phase.hidden * (phase.vocab + phase.patch + phase.classes);
  return phase.layers * (attention + mlp) + ends;
}

describe('models', () => {
  // Parameters as the models' papers state them, in billions; a second token table where the head has its own.
  it.each([
    ['gpt3-175b', 174.6, 0],
    ['gpt3-13b', 12.85, 0],
    ['vit-large', 0.304, 0],
    ['vit-base', 0.0864, 0],
    ['llama3-70b', 70.55, 1],
    ['llama3-405b', 405.8, 1],
    ['mixtral-8x7b', 46.7, 1],
  ])('%s has %d billion parameters', (name, billions, heads) => {
    const [phase] = loadModel(name).phases;
    const count = parameterCount(phase!) + heads * phase!.vocab * phase!.hidden;
    expect(Math.abs(count / (billions * 1e9) - 1)).toBeLessThan(0.01);
  });

  it('have phases for inference, and weights', () => {
    expect(loadModel('gpt3-175b-qa').phases).toMatchObject([
      { phase: 'prefill', weight: 1, seq: 1000, context: 1000, batch: 256, layers: 96 },
      { phase: 'decode', weight: 200, seq: 1, context: 1100, batch: 256, layers: 96 },
    ]);
    const ensemble = loadModel('cosmic-ensemble').phases;
    expect(ensemble.map(({ model, weight }) => [model, weight])).toEqual([
      ['gpt3-13b', 0.25],
      ['gpt3-175b', 0.25],
      ['vit-base', 0.25],
      ['vit-large', 0.25],
    ]);
  });
});

describe('systems', () => {
  // What CUDA reports of an A100-SXM4-80GB and an H100-80GB-HBM3, in MiB.
  it.each([
    ['dgx-a100', 81_251],
    ['dgx-h100', 81_089],
  ])('%s has the memory that the card reports', (name, mebibytes) => {
    const [capacityGB] = loadSystem(name).defaults.get('compute.memoryCapacityGB')!;
    expect(Math.abs(capacityGB! * 1e9 - mebibytes * 2 ** 20)).toBeLessThan(0.05e9);
  });

  it.each([
    ['cosmic-1024', 800, [0, 1, 2, 3]],
    ['cosmic-2048', 1062.4998, [0, 1, 2, 3]],
    ['cosmic-512', 650, [0, 1, 2, 3]],
    ['dgx-a100', 325, [2, 3]],
    ['dgx-h100', 500, [2, 3]],
  ])('%s has %d GB/s per NPU', (name, bandwidthGBps, tiers) => {
    const system = loadSystem(name);
    const sum = system.defaults.get('network.bandwidthGBps')!.reduce((total: number, value) => total + value!, 0);
    expect(sum).toBe(bandwidthGBps);
    expect(system.tiers).toEqual(tiers);
  });
});
