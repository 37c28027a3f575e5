/** Inference: the whole batch in one pass, and a pass reads the weights that its tokens reach. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { designEvaluator } from '../host/designs/designs.js';
import { OUTPUT } from '../kernels/outputs.js';
import { compileDesign, loadDefault } from '../psa/defaults.js';
import { packageRoot } from '../psa/packageRoot.js';
import { SLOT } from '../psa/parameters.js';

const A100 = join(packageRoot, 'test', 'data', 'inference', 'a100-1.yaml');

function spaceOf(system: string, model: string, set: readonly string[]) {
  return compileDesign(loadDefault(system, model, set));
}

/** Time of one decoded token of each sequence of a batch, ms. */
function tokenMs(model: string, batch: number, context: number, set: readonly string[] = []): number {
  const space = spaceOf(A100, model, [
    'model.phase=decode',
    `model.context=${context}`,
    `model.batch=${batch}`,
    ...set,
  ]);
  return designEvaluator(space)(space.fixed).outputs[OUTPUT.timeUs]! / 1000;
}

describe('decoding Qwen3-30B-A3B on one A100', () => {
  it('takes 9.8 ms a token for one request, as measured, within 5 %', () => {
    expect(Math.abs(tokenMs('qwen3-30b-a3b', 1, 1100) / 9.8 - 1)).toBeLessThan(0.05);
  });

  it('takes no more for a batch of 32 than one reading of all weights (61 GB at 85 % of 2,039 GB/s) and 5 %', () => {
    expect(tokenMs('qwen3-30b-a3b', 32, 1100)).toBeLessThan((61.06 / (2.039 * 0.85)) * 1.05);
  });

  it('reads more experts the more tokens there are, and all of them in the end', () => {
    // Without a host, a token of a short context takes the time that its weights take.
    const readGB = (batch: number) => tokenMs('qwen3-30b-a3b', batch, 1, ['compute.hostLaunchUs=0']) * 2.039 * 0.85;
    const experts = 48 * 128 * 3 * 2048 * 768 * 2e-9;
    const rest = readGB(1) - experts * (8 / 128);
    // 8 of 128 for one token; of two tokens one more in 16 is the same.
    expect((readGB(2) - rest) / experts).toBeCloseTo(1 - (15 / 16) ** 2, 2);
    // Activations of 32 tokens are a hundredth of that.
    expect(Math.abs((readGB(32) - rest) / experts - (1 - (15 / 16) ** 32))).toBeLessThan(0.015);
  });
});

describe('the default micro-batch', () => {
  const microBatch = (system: string, model: string, set: readonly string[] = []) =>
    spaceOf(system, model, set).fixed[SLOT.workload.microBatch];

  it('is the whole batch in inference, and what the system says in training', () => {
    expect(microBatch('dgx-h100', 'gpt3-175b-qa')).toBe(0);
    expect(microBatch('dgx-h100', 'gpt3-175b')).toBe(1);
  });

  it('is what is set', () => {
    expect(microBatch('dgx-h100', 'gpt3-175b-qa', ['workload.microBatch=2'])).toBe(2);
  });
});

describe('a latent cache', () => {
  it('holds 576 values of a token and layer in 16 bits, the same on each rank of tp', () => {
    const cacheMB = (tp: number) => {
      const space = spaceOf('dgx-h100', 'deepseek-v3', [
        'model.phase=decode',
        'model.context=1000',
        'model.batch=16',
        'system.npus=8',
        'workload.pp=1',
        `workload.tp=${tp}`,
        `workload.dp=${8 / tp}`,
      ]);
      return designEvaluator(space)(space.fixed).outputs[OUTPUT.kvCacheMB]! / (16 / (8 / tp));
    };
    // arXiv 2405.04434, 2.1.4: (512 + 64) values a token and layer.
    expect(cacheMB(1)).toBeCloseTo((61 * 576 * 2 * 1000) / 1e6, 6);
    expect(cacheMB(8)).toBeCloseTo(cacheMB(1), 6);
  });
});

describe('local layers', () => {
  it('cache their window alone', () => {
    const space = spaceOf(A100, 'gemma3-27b', ['model.phase=decode', 'model.context=8000', 'model.batch=1']);
    const tokens = 10 * 8000 + 52 * 1024;
    const expected = (tokens * 2 * 16 * 128 * 2) / 1e6;
    expect(designEvaluator(space)(space.fixed).outputs[OUTPUT.kvCacheMB]).toBeCloseTo(expected, 6);
  });
});

describe('the host of a system that says nothing of it', () => {
  it('is of the size that eager and captured runs of Llama 3.1 8B on one H100 say: 8.4 and 5.1 ms a token', () => {
    // https://cloudai.pt/cuda-graphs-torch-compile-1-65x-llm-decode-speedup/; host and NPU as √(npu² + host²).
    const measuredMs = Math.sqrt(8.4 ** 2 - 5.1 ** 2);
    const eager = tokenMs('llama3-8b', 1, 100);
    const captured = tokenMs('llama3-8b', 1, 100, ['compute.hostLaunchUs=0']);
    const hostMs = Math.sqrt(eager ** 2 - captured ** 2);
    expect(hostMs / measuredMs).toBeGreaterThan(0.75);
    expect(hostMs / measuredMs).toBeLessThan(1.25);
  });
});
