import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { webgpuAvailable } from '../../../test/webgpu.js';
import { processDevice } from './session.js';
import { compileShader, joinPieces } from './shader.js';
import { destroyAll, upload } from './spaceBuffers.js';
import { readWork } from './submit.js';

const FILES = ['kernels/astra/whole.wgsl', 'kernels/astra/double.wgsl'];
const ENTRY = `
@group(0) @binding(0) var<storage, read> pairs: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> results: array<vec2<u32>>;

@compute @workgroup_size(64)
fn operations(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= arrayLength(&pairs)) { return; }
  // High words come second in memory.
  let a = pairs[id.x].yx;
  let b = pairs[id.x].wz;
  results[5u * id.x] = double_sum(a, b).yx;
  results[5u * id.x + 1u] = double_product(a, b).yx;
  results[5u * id.x + 2u] = double_quotient(a, b).yx;
  results[5u * id.x + 3u] = double_of(double_whole(a)).yx;
  results[5u * id.x + 4u] = double_of(quotient(double_whole(a), 1u + b.y % 0x7fffffffu)).yx;
}
`;

/** Sum, product, quotient of each pair, and of its first number what is whole of it, by itself and over a divisor. */
async function onDevice(pairs: Float64Array): Promise<Float64Array> {
  const open = await processDevice();
  const { device, whileAlive } = open;
  const pieces = FILES.map((file) => ({ file, text: readFileSync(join(packageRoot, file), 'utf8') }));
  const module = await compileShader(device, joinPieces([...pieces, { file: 'entry', text: ENTRY }]));
  const compute = { module, entryPoint: 'operations' };
  const pipeline = await whileAlive(device.createComputePipelineAsync({ layout: 'auto', compute }));
  const { STORAGE, COPY_SRC } = GPUBufferUsage;
  const input = upload(device, new Uint32Array(pairs.buffer), STORAGE);
  const bytes = (pairs.length / 2) * 5 * 8;
  const results = device.createBuffer({ size: bytes, usage: STORAGE | COPY_SRC });
  const entries = [input, results].map((buffer, binding) => ({ binding, resource: { buffer } }));
  const groups = [device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries })];
  const grid = { columns: Math.ceil(pairs.length / 128), rows: 1 };
  try {
    return await readWork(
      open,
      { groups, dispatches: [{ pipeline, grid }] },
      { parts: [{ buffer: results, bytes }], take: (read) => new Float64Array(read.slice(0)) },
    );
  } finally {
    destroyAll([input, results]);
  }
}

/** Numbers whose operations round in all ways: any bits, whole ones, powers of two, and zero. */
const number = fc.oneof(
  fc.double({ min: 2 ** -60, max: 2 ** 62, noNaN: true }),
  fc.integer({ min: 0, max: 2 ** 53 - 1 }),
  fc.integer({ min: 0, max: 4096 }),
  fc.integer({ min: -40, max: 60 }).map((n) => 2 ** n),
  fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: -3, max: 3 })).map(([n, d]) => Math.abs(2 ** n + d)),
);

describe.skipIf(!(await webgpuAvailable()))('doubles in WGSL', () => {
  test('are those of TypeScript to the last bit', async () => {
    const pairs = fc.sample(fc.tuple(number, number), { numRuns: 20_000, seed: 1 }).filter(([, b]) => b > 0);
    const got = await onDevice(Float64Array.from(pairs.flat()));
    const words = new Uint32Array(Float64Array.from(pairs.map(([, b]) => b)).buffer);
    const wrong = pairs.filter(([a, b], i) => {
      const divisor = 1 + (words[2 * i]! % 0x7fffffff);
      const whole = Number(BigInt(Math.floor(a)) / BigInt(divisor));
      const expected = [a + b, a * b, a / b, Math.trunc(a), whole];
      return expected.some((value, operation) => got[5 * i + operation] !== value);
    });
    expect(wrong).toEqual([]);
  });
});
