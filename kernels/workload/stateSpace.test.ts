/** State-space layers and experts of a latent width: their work grows with the sequence, and makers count it as these rows do. */
import { expect, test } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/index.js';
import { loadModel } from '../../psa/model.js';
import type { ModelPhase } from '../../psa/space.js';
import { OUTPUT, OUTPUT_COUNT, STATUS } from '../outputs.js';
import { createSimulator } from '../simulate.js';
import { productFlops } from './header.js';
import { TRITON_SLOWDOWN } from './mambaScan.js';
import { modelSize } from './modelSize.js';
import { isCollective } from './operation.js';
import { opGraph, type Section } from './transformer.js';

const [hybrid] = loadModel('nemotron-h-8b').phases as [ModelPhase];
const [latent] = loadModel('nemotron3-super-120b-a12b').phases as [ModelPhase];
const stateSpace: ModelPhase = { ...hybrid, layerPattern: 'M' };

/** Of rows that run again, or that have as much to do whatever the sequence. */
const LEFT_OUT = ['recomputeAll', 'gradientsAdded', 'weightsCopied', 'gradientsCopied'] as const;

/** Work and traffic of a sequence. */
function sums(m: ModelPhase, section: Section) {
  const rows = opGraph(m)[section].filter((row) => !isCollective(row) && !LEFT_OUT.some((flag) => row.when[flag]));
  const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((all, row) => all + row.share * of(row), 0);
  return {
    flops: sum(({ flops }) => flops[0]),
    bytes: sum(({ input, output }) => input[0] + output[0]),
    kept: sum(({ saved }) => saved[0]),
  };
}

test.each([
  'layerForward',
  'layerBackward',
] as const)('%s: twice the sequence is twice the work, traffic and memory', (section) => {
  const one = sums(stateSpace, section);
  const two = sums({ ...stateSpace, seq: 2 * stateSpace.seq, context: 2 * stateSpace.seq }, section);
  for (const name of ['flops', 'bytes', 'kept'] as const) expect(two[name]).toBeCloseTo(2 * one[name], -3);
});

test('a chunk is no longer than the sequence', () => {
  const short = { ...stateSpace, seq: 64, context: 64 };
  expect(sums(short, 'layerForward')).toEqual(sums({ ...short, stateChunk: 64 }, 'layerForward'));
});

test('longer chunks have fewer states to pass on, and more scores', () => {
  const row = (m: ModelPhase, name: string) => opGraph(m).layerForward.find((one) => one.name === name)!;
  const long = { ...stateSpace, stateChunk: 256 };
  expect(row(long, 'pass on states').input[0]).toBe(row(stateSpace, 'pass on states').input[0] / 2);
  expect(row(long, 'chunk scores').flops[0]).toBe(row(stateSpace, 'chunk scores').flops[0] * 2);
});

test.each([
  [1024, 0.169],
  [4096, 0.645],
  [32768, 5.076],
])('chunk outputs of 8 sequences of %i tokens take %f ms on H800, as TileLang measured them', (seq, ms) => {
  const bench = { heads: 80, groups: 1, chunk: 256, headDim: 64, stateDim: 128 };
  const m: ModelPhase = {
    ...stateSpace,
    seq,
    context: seq,
    stateHeads: bench.heads,
    stateHeadDim: bench.headDim,
    stateGroups: bench.groups,
    stateDim: bench.stateDim,
    stateChunk: bench.chunk,
  };
  const { input, output } = opGraph(m).layerForward.find(({ name }) => name === 'chunk outputs')!;
  const { bandwidthGBps, share } = { bandwidthGBps: 3350, share: 0.81 }; // psa/presets/machines/h800-sxm.yaml
  const tritonMs = (8 * (input[0] + output[0])) / (bandwidthGBps * share * 1e6);
  const predictedMs = tritonMs / TRITON_SLOWDOWN.outputs;
  expect(Math.abs(predictedMs / ms - 1)).toBeLessThan(0.09);
});

/** What the model says of FLOPs, without the router and the product that joins inputs, which Megatron-Bridge leaves out. */
function reportedFlops(m: ModelPhase): number {
  const mixtures = [...m.layerPattern].filter((letter) => letter === 'E').length + m.mtpLayers;
  const leftOut = 2 * m.hidden * m.experts * mixtures + 4 * m.hidden ** 2 * m.mtpLayers;
  return 3 * (modelSize(m, productFlops(m, opGraph(m))).forwardFlopsCausal - leftOut);
}

test('FLOPs a token are those that NVIDIA reports of Nemotron 3 Super: TFLOP/s over tokens/s of its summary of Megatron-Bridge', () => {
  expect(reportedFlops(latent) / 84.73e9).toBeCloseTo(1, 3);
});

test('experts of a latent width exchange and hold as much less', () => {
  const wide = { ...latent, expertLatent: 0 };
  const ratio = latent.hidden / latent.expertLatent;
  const dispatched = (m: ModelPhase) =>
    opGraph(m).layerForward.find(({ name }) => name === 'dispatch tokens')!.input[0];
  expect(dispatched(wide)).toBe(ratio * dispatched(latent));
  const experts = 42 * latent.experts * 2 * latent.ffn;
  const between = 42 * 2 * latent.hidden * latent.expertLatent;
  const all = (m: ModelPhase) => modelSize(m, 0).parameters + modelSize(m, 0).mtpParameters;
  expect(all(wide) - all(latent)).toBe(experts * (latent.hidden - latent.expertLatent) - between);
});

test.each([
  ['tp divides groups', ['workload.tp=8', 'workload.dp=1'], 0],
  ['tp does not', ['workload.tp=16', 'workload.dp=1', 'system.npus=16'], STATUS.HEADS],
  ['sp leaves whole heads', ['workload.tp=1', 'workload.sp=8', 'workload.dp=1'], 0],
  ['and shares them out', ['workload.tp=8', 'workload.sp=32', 'workload.dp=1', 'system.npus=256'], STATUS.HEADS],
] as const)('%s', (_, set, status) => {
  const space = compileDesign(loadDefault('dgx-h100', 'nemotron-h-8b', ['system.npus=8', 'workload.pp=1', ...set]));
  const found = createSimulator(space.workload, space.tiers)(space.fixed, new Float64Array(OUTPUT_COUNT), 0);
  expect(found & STATUS.HEADS).toBe(status);
});

/** Reads, times and memory of a decoded token on one node. */
function decoded(context: number, pattern: string): Record<'timeUs' | 'kvCacheMB', number> {
  const set = ['model.phase=decode', `model.context=${context}`, `model.layerPattern=${pattern}`, 'workload.batch=64'];
  const degrees = ['system.npus=8', 'workload.tp=8', 'workload.dp=1', 'workload.pp=1'];
  const space = compileDesign(loadDefault('dgx-h100', 'nemotron-h-8b', [...degrees, ...set]));
  const outputs = new Float64Array(OUTPUT_COUNT);
  createSimulator(space.workload, space.tiers)(space.fixed, outputs, 0);
  return { timeUs: outputs[OUTPUT.timeUs]!, kvCacheMB: outputs[OUTPUT.kvCacheMB]! };
}

test('a decoded token takes as long, and a sequence as much memory, however long it is', () => {
  expect(decoded(65536, 'M-')).toEqual(decoded(4096, 'M-'));
  // 26 layers of 8,192 channels with 128 single-precision numbers each, and three tokens that the convolution looks back at.
  const bytes = 26 * (8192 * 128 * 4 + 3 * (8192 + 2 * 8 * 128) * 2);
  expect(decoded(4096, 'M-').kvCacheMB).toBeCloseTo((64 * bytes * 1e-6) / 8, 6);
});

test('attention among state-space layers has a cache in those layers alone', () => {
  const caches = decoded(4096, 'M-*-').kvCacheMB - decoded(4096, 'M---').kvCacheMB;
  expect(caches).toBeCloseTo((64 * 13 * 4096 * 2 * 2 * 8 * 128 * 1e-6) / 8, 6);
  expect(decoded(65536, 'M-*-').timeUs).toBeGreaterThan(decoded(4096, 'M-*-').timeUs);
});

test('attention and a state abreast are the work of both, with one norm of the two', () => {
  const falcon = loadModel('falcon-h1-7b').phases[0]!;
  const abreast: ModelPhase = { ...falcon, layerPattern: 'B' };
  const apart: ModelPhase = { ...falcon, layerPattern: '*M' };
  for (const section of ['layerForward', 'layerBackward'] as const) {
    const norm = opGraph(apart)[section].find(({ name }) => name.startsWith('state norm'))!;
    expect(sums(abreast, section).flops).toBeCloseTo(2 * sums(apart, section).flops - norm.flops[0], -3);
    expect(opGraph(abreast)[section].some(({ name }) => name.startsWith('state norm'))).toBe(false);
  }
  const parameters = (m: ModelPhase) => modelSize(m, 0).parameters - 2 * m.vocab * m.hidden - m.hidden;
  expect(parameters(abreast)).toBe(2 * parameters(apart) - abreast.layers * abreast.hidden);
});

test('abreast of attention a state has its memory beside the cache', () => {
  const decodedMB = (pattern: string, more: readonly string[] = []) => {
    const set = [
      'model.phase=decode',
      'model.context=4096',
      `model.layerPattern=${pattern}`,
      'workload.batch=64',
      ...more,
    ];
    const degrees = ['system.npus=1', 'workload.tp=1', 'workload.dp=1', 'workload.pp=1'];
    const space = compileDesign(loadDefault('dgx-h100', 'falcon-h1-7b', [...set, ...degrees]));
    const outputs = new Float64Array(OUTPUT_COUNT);
    createSimulator(space.workload, space.tiers)(space.fixed, outputs, 0);
    return outputs[OUTPUT.kvCacheMB]!;
  };
  const attention = decodedMB('*-', ['model.stateHeads=0']);
  expect(decodedMB('B-')).toBeCloseTo(attention + decodedMB('M-'), 6);
});
