/** Functions that exist both in WGSL and in f64, one by one, on designs whose axes fit the network or not. */
import { describe, expect, it } from 'vitest';
import { DECODE_MODE, decodeDesign, decodeDigits, type Source } from '../../../kernels/decode/decode.js';
import { packGenes } from '../../../kernels/decode/genes.js';
import { gridOf } from '../../../kernels/entry/grid.js';
import { OUTPUT_COUNT } from '../../../kernels/outputs.js';
import { createSimulator, simulateGraph } from '../../../kernels/simulate.js';
import { createState } from '../../../kernels/state.js';
import { SLOT_COUNT } from '../../../psa/parameters.js';
import type { CompiledSpace } from '../../../psa/space.js';
import { LIMITS, PACKED_OBJECTIVES, type Simulated, TWINS } from '../../../test/twins.js';
import { webgpuAvailable } from '../../../test/webgpu.js';
import { randomSpace } from '../../validate/randomSpaces.js';
import { type OpenDevice, openDevice } from './device.js';
import { compileShader, joinPieces, loadShader } from './shader.js';
import { createRunBuffers, createSpaceBuffers, destroyAll, upload } from './spaceBuffers.js';
import { readWork } from './submit.js';

const DESIGNS = 256;
const WORKGROUP_SIZE = 64;
/** Of f32, over a few dozen operations. */
const TOLERANCE = 1e-5;

const source = (space: CompiledSpace, mode: Source['mode']): Source => ({
  mode,
  // The first ordinal: so that all digits carry over before long.
  digits: Uint32Array.from(space.genes, ({ size }) => size - 1),
  seed: 1,
  startLow: 0,
  startHigh: 0,
});

/** Each design in f64. */
function simulateAll(space: CompiledSpace, from: Source): Simulated[] {
  const genes = packGenes(space);
  const digits = new Uint32Array(genes.count);
  const simulate = createSimulator(space.workload, space.tiers);
  return Array.from({ length: DESIGNS }, (_, i) => {
    const design = new Float64Array(SLOT_COUNT);
    decodeDigits(genes, from, i, digits);
    decodeDesign(genes, digits, design);
    const outputs = new Float64Array(OUTPUT_COUNT);
    const status = simulate(design, outputs, 0);
    const s = createState(space.workload, space.tiers, space.workload.phases.length - 1);
    simulateGraph(s, design);
    return { s, outputs, status };
  });
}

/** An entry point that simulates a design, and then puts the values of each function one behind the other. */
function entryPoint(values: number): string {
  return `
var<private> at: u32;
fn put(value: f32) { result_outputs[at] = value; at++; }
fn put4(value: vec4<f32>) { put(value.x); put(value.y); put(value.z); put(value.w); }
@compute @workgroup_size(${WORKGROUP_SIZE})
fn twins(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= request.count) { return; }
  fix_design();
  decode(id.x, false);
  status = simulate(0u);
  at = id.x * ${values}u;
  ${TWINS.map(([, wgsl]) => `{ ${wgsl.join('\n  ')} }`).join('\n  ')}
}`;
}

/** The values of all functions, `count` for each design. */
async function valuesOnDevice(
  open: OpenDevice,
  space: CompiledSpace,
  from: Source,
  count: number,
): Promise<Float32Array> {
  const { device } = open;
  const pipelines = open.pipelines(space);
  const text = entryPoint(count);
  const shader = joinPieces([
    { file: 'kernels', text: loadShader(space).code },
    { file: 'twins', text },
  ]);
  const module = await compileShader(device, shader);
  const types = ['storage', undefined, 'read-only-storage'] as const;
  const entries = types.flatMap((type, binding) =>
    type === undefined ? [] : { binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } },
  );
  const taskLayout = device.createBindGroupLayout({ entries });
  const layout = device.createPipelineLayout({ bindGroupLayouts: [pipelines.spaceLayout, taskLayout] });
  const compute = { module, entryPoint: 'twins', constants: { DECODING: from.mode } };
  const pipeline = await device.createComputePipelineAsync({ layout, compute });
  const shared = createSpaceBuffers(device, space);
  const run = createRunBuffers(open, pipelines, shared, space.genes.length);
  const bytes = 4 * count * DESIGNS;
  const values = device.createBuffer({ size: bytes, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  const objectives = upload(device, Float32Array.from(PACKED_OBJECTIVES), GPUBufferUsage.STORAGE);
  const bound = [values, undefined, objectives].flatMap((buffer, binding) =>
    buffer === undefined ? [] : { binding, resource: { buffer } },
  );
  const group = device.createBindGroup({ layout: taskLayout, entries: bound });
  const fields = { infeasible: 0, pareto: 0, frontSize: 0, threshold: 0, limits: LIMITS };
  const work = {
    prepare: () => run.write(from, DESIGNS, fields),
    groups: [run.group, group],
    dispatches: [{ pipeline, grid: gridOf(DESIGNS, WORKGROUP_SIZE) }],
  };
  const result = await readWork(open, work, {
    parts: [{ buffer: values, bytes }],
    take: (copy) => new Float32Array(copy.slice(0)),
  });
  run.destroy();
  shared.destroy();
  destroyAll([values, objectives]);
  return result;
}

const SPACES: readonly (readonly [string, () => CompiledSpace, Source['mode']])[] = [
  // Degrees that do not fit: experts are seven, dimensions powers of two.
  [
    'axes that do not fit',
    () =>
      randomSpace(7, 10)
        .vary('workload.ep', { values: [3, 7] })
        .compile(),
    DECODE_MODE.ordinals,
  ],
];

describe.skipIf(!(await webgpuAvailable()))('functions in WGSL and f64', { timeout: 300_000 }, () => {
  it.each(SPACES)('are the same: %s', async (_, compile, mode) => {
    const space = compile();
    const from = source(space, mode);
    const designs = simulateAll(space, from);
    const expected = designs.map((design) => TWINS.map(([, , f64]) => f64(design)));
    const count = expected[0]!.reduce((sum, { length }) => sum + length, 0);
    const open = await openDevice();
    const values = await valuesOnDevice(open, space, from, count).finally(() => open.destroy());
    const apart = new Map<string, string>();
    let at = 0;
    expected.forEach((functions, i) => {
      functions.forEach((numbers, f) => {
        for (const number of numbers) {
          const value = values[at++]!;
          const close = Math.abs(value - number) <= TOLERANCE * Math.abs(number);
          if (!close && !apart.has(TWINS[f]![0])) apart.set(TWINS[f]![0], `design ${i}: ${value}, in f64 ${number}`);
        }
      });
    });
    expect([...apart]).toEqual([]);
  });
});
