import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelSize } from '../kernels/workload/modelSize.js';
import { patternLayers } from './layerKinds.js';
import { loadModel } from './model.js';
import { packageRoot } from './packageRoot.js';
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

  it.each([
    ['deepseek-v3', 'DeepSeek-V3'],
    ['falcon-h1-7b', 'Falcon-H1-7B'],
    ['gemma3-27b', 'gemma-3-27b'],
    ['glm4.5-air', 'GLM-4.5-Air'],
    ['gpt-j-6b', 'gpt-j-6b'],
    ['gpt-oss-120b', 'gpt-oss-120b'],
    ['gpt-oss-20b', 'gpt-oss-20b'],
    ['granite4-h-small', 'granite-4.0-h-small'],
    ['grok-1', 'grok-1'],
    ['kimi-k2', 'Kimi-K2-Base'],
    ['kimi-linear-48b-a3b', 'Kimi-Linear-48B-A3B'],
    ['llama2-70b', 'Llama-2-70b'],
    ['llama2-7b', 'Llama-2-7b'],
    ['llama3-405b', 'Llama-3.1-405B'],
    ['llama3-70b', 'Llama-3.1-70B'],
    ['llama3-8b', 'Meta-Llama-3-8B'],
    ['llama3.2-1b', 'Llama-3.2-1B'],
    ['llama4-maverick', 'Llama-4-Maverick-17B-128E'],
    ['llama4-scout', 'Llama-4-Scout-17B-16E'],
    ['minimax-m2', 'MiniMax-M2'],
    ['minimax-text-01', 'MiniMax-Text-01'],
    ['qwen3-next-80b-a3b', 'Qwen3-Next-80B-A3B'],
    ['mistral-small-24b', 'Mistral-Small-24B'],
    ['mixtral-8x22b', 'Mixtral-8x22B-v0.1'],
    ['mixtral-8x7b', 'Mixtral-8x7B-v0.1'],
    ['mpt-7b', 'mpt-7b'],
    ['nemotron4-15b', 'Nemotron-4-15B'],
    ['phi4-14b', 'phi-4'],
    ['qwen2-57b-a14b', 'Qwen2-57B-A14B'],
    ['qwen2.5-72b', 'Qwen2.5-72B'],
    ['qwen2.5-7b', 'Qwen2.5-7B'],
    ['qwen3-235b-a22b', 'Qwen3-235B-A22B'],
    ['qwen3-30b-a3b', 'Qwen3-30B-A3B'],
    ['qwen3-32b', 'Qwen3-32B'],
    ['qwen3-8b', 'Qwen3-8B'],
  ])('%s is what its configuration says, but for sequence and batch', (name, configuration) => {
    const shape = (model: string) => {
      const [phase] = loadModel(model).phases as [ModelPhase];
      // A pattern that is repeated to the last layer says the same as one that is written out.
      const layerPattern = phase.layerPattern.repeat(
        phase.layers / (patternLayers(phase.layerPattern).length || phase.layers),
      );
      return { ...phase, layerPattern, model: '', seq: 0, context: 0, batch: 0 };
    };
    expect(shape(name)).toEqual(shape(join(packageRoot, 'test', 'data', 'models', `${configuration}.json`)));
  });

  // Parameters that the sources of measured runs state, in billions.
  it.each([
    ['llama2-13b', 13.02],
    ['internlm-7b', 7.32],
    ['llama-like-1.34b', 1.34],
    ['llama-like-8.86b', 8.86],
    ['llama-like-80b', 80],
    ['megascale-175b', 175],
    ['llama2-34b', 33.74],
  ])('%s has %d billion parameters', (name, billions) => {
    const [phase] = loadModel(name).phases as [ModelPhase];
    const size = modelSize(phase, 0);
    expect(Math.abs(size.parameters / (billions * 1e9) - 1)).toBeLessThan(3e-3);
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

describe('a name that is no preset', () => {
  it.each([
    [
      'meta-llama/Llama-3.1-8B',
      'nothing is fetched: save the config.json of that repository and give its path, or take one of',
    ],
    ['nobody/unheard-of-7b', 'give its path, or name a preset'],
    ['models/mine.yaml', 'check the path, or name a preset'],
    ['llama3-70B', "did you mean 'llama3-70b'? A file of your own needs a path"],
  ])('%s says what to give', (name, remedy) => {
    expect(() => loadModel(name)).toThrow(expect.objectContaining({ remedy: expect.stringContaining(remedy) }));
  });
});
