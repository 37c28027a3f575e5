import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { temporaryFolder } from '../../../test/temporaryFolder.js';
import { type InferenceResults, validateInference } from './inference.js';

const SAMPLE = join(packageRoot, 'test', 'data', 'inference', 'static.csv');
const A100 = join(packageRoot, 'test', 'data', 'inference', 'a100-1.yaml');
const [heading] = readFileSync(SAMPLE, 'utf8').split('\n');

const folder = temporaryFolder('inference');

/** One row, of the columns that matter to a test. */
function fileOf(row: Readonly<Record<string, string | number>>, columns = heading!): string {
  const file = join(folder, 'rows.csv');
  const cells = { id: 'own', source: 'own', gpu: 'a100_sxm', model: 'llama-7b', precision: 'fp16', ...row };
  const line = columns.split(',').map((column) => cells[column as keyof typeof cells] ?? '');
  writeFileSync(file, `${columns}\n${line.join(',')}\n`);
  return file;
}

const STATIC = { mode: 'fixed-batch', input_len: 128, output_len: 128, concurrency_or_batch: 1, tokens_per_s_total: 1 };

function reason(row: Readonly<Record<string, string | number>>): string {
  const sample = readFileSync(SAMPLE, 'utf8')
    .split('\n')
    .find((line) => line.includes('a100_sxm'))!;
  const file = fileOf({ ...STATIC, ...row });
  writeFileSync(file, `${readFileSync(file, 'utf8')}${sample}\n`);
  return validateInference({ file }).inexpressible[0]!.reason;
}

function group({ groups }: InferenceResults, name: string) {
  return groups.find((one) => one.group === name)!;
}

describe('static batches of TensorRT-LLM on A100', () => {
  const results = validateInference({ file: SAMPLE });

  it('are predicted with a mean error of at most 8 %', () => {
    const { cases, meanAbsRelError, medianRelError } = group(results, 'fixed-batch, a100_sxm fp16');
    expect(cases).toBeGreaterThanOrEqual(8);
    expect(meanAbsRelError).toBeLessThanOrEqual(0.08);
    expect(medianRelError).toBeLessThanOrEqual(0.06);
  });

  it.each([
    'h100_sxm',
    'h200_sxm',
  ])('of Mixtral in fp8 on %s, before there were kernels of experts for it, within 15 %%', (gpu) => {
    const { cases, meanAbsRelError } = group(results, `fixed-batch, ${gpu} fp8, 0.9.0, mixtral-8x7b`);
    expect(cases).toBeGreaterThan(0);
    expect(meanAbsRelError).toBeLessThan(0.15);
  });

  it('of all machines are predicted with a mean error of at most 10 %', () => {
    expect(group(results, 'fixed-batch').meanAbsRelError).toBeLessThanOrEqual(0.1);
  });

  it.each([
    'h100_sxm',
    'h200_sxm',
    'l40s',
  ])('in fp8 on %s, with the constants of A100 in fp16, dense models have a mean error of at most 10 %%', (gpu) => {
    const dense = results.groups.filter(
      ({ group: name, depth }) =>
        depth === 3 && name.startsWith(`fixed-batch, ${gpu} fp8`) && !name.includes('mixtral'),
    );
    const rows = dense.reduce((sum, { cases }) => sum + cases, 0);
    expect(rows).toBeGreaterThan(3);
    expect(dense.reduce((sum, { cases, meanAbsRelError }) => sum + cases * meanAbsRelError, 0) / rows).toBeLessThan(
      0.1,
    );
  });

  it('are grouped by mode, machine with precision, version and model', () => {
    expect(group(results, 'fixed-batch').depth).toBe(0);
    expect(group(results, 'fixed-batch, a100_sxm fp16, 0.8.0, llama-7b').depth).toBe(3);
    const outer = results.groups.filter(({ depth }) => depth === 0);
    expect(outer.reduce((sum, { cases }) => sum + cases, 0)).toBe(results.cases);
  });

  it('leave no row out in silence', () => {
    const rows = readFileSync(SAMPLE, 'utf8').trim().split('\n').length - 1;
    expect(results.cases + results.inexpressible.reduce((sum, one) => sum + one.rows, 0)).toBe(rows);
  });
});

describe('a batch of one', () => {
  const tokensPerS = (row: Readonly<Record<string, string | number>>) => {
    const set = ['compute.hostLaunchUs=0', 'compute.memoryEfficiency=1'];
    const [failure] = validateInference({ file: fileOf({ ...STATIC, ...row }), system: A100, set }).failures;
    return failure!.got as number;
  };

  it('writes a token in the time in which its weights and cache are read', () => {
    // Llama 2 7B: 32 layers of 4·h² + 3·h·f and a head of V·h in 16 bits, and 0.524 MB of cache a token; the prompt's own pass, which
    // 2,048 tokens make short beside 4,095 others, reads them once too.
    const weights = 2 * (32 * (4 * 4096 ** 2 + 3 * 4096 * 11008) + 32000 * 4096);
    const cache = 2 * 2 * 32 * 4096 * (16 + 2048);
    const expected = 2039e9 / (weights + cache);
    const got = tokensPerS({ input_len: 16, output_len: 4096 });
    expect(got).toBeLessThan(expected);
    expect(got).toBeGreaterThan(0.98 * expected);
  });

  it('is the slower, the longer its answers are', () => {
    expect(tokensPerS({ output_len: 2048 })).toBeLessThan(tokensPerS({ output_len: 512 }));
  });
});

describe('rows that cannot be expressed have a reason', () => {
  it.each([
    [{ mode: 'fixed-concurrency' }, 'queue'],
    [{ gpu: 'abacus' }, 'abacus'],
    [{ model: 'my-own' }, 'my-own'],
    [{ precision: 'int4' }, 'int4'],
    [{ kv_precision: 'int4' }, 'int4'],
    [{ gpus: 4, tp: 2 }, 'number of GPUs'],
    [{ output_len: '' }, 'missing'],
  ])('%o', (row, said) => {
    expect(reason(row)).toContain(said);
  });
});

it('refuses unknown columns, and files without a row that can be predicted', () => {
  expect(() => validateInference({ file: fileOf(STATIC, `${heading},colour`) })).toThrow(/colour/);
  expect(() => validateInference({ file: fileOf({ ...STATIC, model: 'my-own' }) })).toThrow(/no row can be predicted/);
});
