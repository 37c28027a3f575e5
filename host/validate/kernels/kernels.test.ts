import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { loadSystem } from '../../../psa/system.js';
import { machineOf } from '../gpus.js';
import { KernelBench } from './bench.js';
import { validateKernels } from './kernels.js';

const file = (name: string): string => join(packageRoot, 'test', 'data', 'kernels', name);

/** Machine, precision, experts of a token and all, hidden size, width, tokens, and time of the layer, us. */
const MEASURED_EXPERTS = [
  ['h100-sxm', 'bf16', 2, 8, 4096, 14336, 8, 958.5],
  ['h100-sxm', 'fp8', 2, 8, 4096, 14336, 8, 479.8],
  ['h100-sxm', 'fp8', 2, 8, 4096, 14336, 32, 486.7],
  ['h100-sxm', 'bf16', 8, 128, 4096, 1536, 8, 799.6],
  ['h100-sxm', 'fp8', 8, 128, 4096, 1536, 32, 835.2],
  ['h100-sxm', 'bf16', 8, 128, 2048, 768, 8, 222.5],
  ['h100-sxm', 'fp8', 8, 128, 2048, 768, 32, 232.5],
  ['b200', 'bf16', 2, 8, 4096, 14336, 8, 434.5],
  ['b200', 'fp8', 2, 8, 4096, 14336, 32, 234.2],
  ['b200', 'bf16', 8, 128, 4096, 1536, 8, 370.1],
  ['b200', 'fp8', 8, 128, 2048, 768, 32, 126.3],
] as const;

describe('measured kernels', () => {
  it('are products within 9 % in the median and 25 % for nine of ten, of every chip and precision', () => {
    const { groups, cases, inexpressible } = validateKernels({
      file: file('gemm.csv'),
      least: [{ column: 'm', value: 64 }],
    });
    expect(cases).toBeGreaterThan(200);
    expect(inexpressible.cases).toBe(0);
    for (const { group, depth, medianRelError, p90RelError } of groups) {
      if (depth !== 1) continue;
      expect(medianRelError, group).toBeLessThan(0.09);
      expect(p90RelError, group).toBeLessThan(0.25);
    }
  });

  it('are products of a library and a chip that no constant was fitted to', () => {
    const { medianRelError, p90RelError } = validateKernels({ file: file('grouped-gemm.csv') });
    expect(medianRelError).toBeLessThan(0.1);
    expect(p90RelError).toBeLessThan(0.25);
  });

  it('are attention of long prompts', () => {
    const least = [{ column: 'seq_tokens', value: 1024 }];
    const { medianRelError } = validateKernels({ file: file('attention-context.csv'), least });
    expect(medianRelError).toBeLessThan(0.1);
  });

  it('are attention of AMD’s library, forward and backward', () => {
    const { groups } = validateKernels({ file: file('aiter-attention.csv') });
    const passes = groups.filter(({ depth }) => depth === 1);
    expect(passes.map(({ name, cases }) => [name, cases])).toEqual([
      ['bf16 backward', 47],
      ['bf16', 47],
    ]);
    for (const { name, medianRelError, p90RelError } of passes) {
      expect(medianRelError, name).toBeLessThan(0.02);
      expect(p90RelError, name).toBeLessThan(0.11);
    }
  });

  it('are products of AMD’s chips from 4,096 rows within 5 % in the median and 17 % for nine of ten', () => {
    const least = [{ column: 'm_per_group', value: 4096 }];
    const { groups, inexpressible } = validateKernels({ file: file('amd-products.csv'), least });
    expect(inexpressible.cases).toBe(0);
    const formats = groups.filter(({ depth }) => depth === 1);
    expect(formats.length).toBe(6);
    for (const { group, medianRelError, p90RelError } of formats) {
      expect(medianRelError, group).toBeLessThan(0.05);
      expect(p90RelError, group).toBeLessThan(0.17);
    }
  });

  it('are collectives from 64 KiB inside a node within 9 % in the median, of every chip', () => {
    const least = [{ column: 'buffer_bytes', value: 65536 }];
    const { groups, cases } = validateKernels({ file: file('aic-collectives.csv'), least });
    expect(cases).toBeGreaterThan(70);
    for (const { group, depth, medianRelError } of groups) {
      if (depth === 0) expect(medianRelError, group).toBeLessThan(0.09);
    }
  });

  it.each(['attention-generation.csv', 'latent-attention.csv', 'quantization.csv'])('%s is read', (name) => {
    const { cases, meanAbsRelError } = validateKernels({ file: file(name) });
    expect(cases).toBeGreaterThan(60);
    expect(Number.isFinite(meanAbsRelError)).toBe(true);
  });

  it('are prompts of latent attention within 23 % in the median from Hopper on, before a cache of eight bits, too', () => {
    const least = [{ column: 'query_tokens', value: 1024 }];
    const { groups } = validateKernels({ file: file('latent-attention.csv'), least });
    const prompts = groups.filter(({ group, name }) => name.startsWith('context') && !/^(a100|l40s)/.test(group));
    expect(prompts.length).toBe(14);
    for (const { group, medianRelError } of prompts) expect(medianRelError, group).toBeLessThan(0.23);
  });

  it('are quantisations within 12 % in the median, of every chip', () => {
    for (const { group, depth, medianRelError } of validateKernels({ file: file('quantization.csv') }).groups) {
      if (depth === 0) expect(medianRelError, group).toBeLessThan(0.12);
    }
  });

  it('are refused where the heading is of no table, a column unknown or the machine without arithmetic', () => {
    expect(() => validateKernels({ file: join(packageRoot, 'test/data/measured/training.csv') })).toThrow(/no table/);
    const least = [{ column: 'rows', value: 1 }];
    expect(() => validateKernels({ file: file('gemm.csv'), least })).toThrow(/no column/);
    const { inexpressible } = validateKernels({ file: file('gemm.csv'), system: 'h100-sxm' });
    expect(inexpressible.reasons.map(({ reason }) => reason)).toEqual(['no rates of nvfp4']);
  });
});

describe('experts of few tokens', () => {
  // Up and down of ai-dynamo/aiconfigurator's expert layers (systems/data, 095f58a5; TensorRT-LLM, evenly loaded), routing included.
  it.each(MEASURED_EXPERTS)('%s, %s, %d of %d experts of %d × %d, %d tokens: %d us', (...[
    system,
    precision,
    each,
    experts,
    hidden,
    ffn,
    tokens,
    us,
  ]) => {
    const bench = new KernelBench(loadSystem(system));
    const groups = Math.min(experts, tokens * each);
    const common = { m: tokens * each, precision, quantizes: false, groups };
    const up = bench.productUs({ ...common, n: 2 * ffn, k: hidden });
    const down = bench.productUs({ ...common, n: hidden, k: ffn });
    expect((up + down) / us).toBeGreaterThan(0.5);
    expect((up + down) / us).toBeLessThan(1.3);
  });
});

describe('a large cache', () => {
  const bench = new KernelBench(loadSystem('l40s'), { sizeMB: 96, bandwidthGBps: 1500 });
  const alone = new KernelBench(loadSystem('l40s'));
  const us = (one: KernelBench, n: number) => one.productUs({ m: 64, n, k: 4096, precision: 'bf16', quantizes: false });

  it('is read by what fits into it, and by nothing that is much larger', () => {
    expect(us(bench, 2048)).toBeLessThan(0.9 * us(alone, 2048));
    expect(us(bench, 8192)).toBeLessThan(us(alone, 8192));
    expect(us(bench, 32768)).toBe(us(alone, 32768));
  });
});

it('a stream takes longer with every byte, in the cache and beyond it', () => {
  const { preset, cache, streams } = machineOf('b200_sxm')!;
  const bench = new KernelBench(loadSystem(preset), cache, streams);
  for (let bytes = 1000; bytes < 2e9; bytes *= 1.1)
    expect(bench.streamUs(1.01 * bytes)).toBeGreaterThan(bench.streamUs(bytes));
});

describe('a product', () => {
  const bench = new KernelBench(loadSystem('gb200'));
  const us = (m: number, n: number, k: number) => bench.productUs({ m, n, k, precision: 'fp8', quantizes: true });

  it('takes longer with every size', () => {
    for (const size of [64, 129, 1024, 4096]) {
      for (const more of [1, 64]) {
        expect(us(size + more, size, size)).toBeGreaterThan(us(size, size, size));
        expect(us(size, size + more, size)).toBeGreaterThan(us(size, size, size));
        expect(us(size, size, size + more)).toBeGreaterThan(us(size, size, size));
      }
    }
  });
});
