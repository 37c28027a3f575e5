/** Linear attention: its work grows with the sequence, kernels take about as long as published, and makers count FLOPs as these rows do. */
import { describe, expect, it, test } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/index.js';
import { loadModel } from '../../psa/model.js';
import type { ModelPhase } from '../../psa/space.js';
import { OUTPUT, OUTPUT_COUNT, STATUS } from '../outputs.js';
import { createSimulator } from '../simulate.js';
import { productFlops } from './header.js';
import { modelSize } from './modelSize.js';
import { isCollective, type Operation } from './operation.js';
import { opGraph, type Section } from './transformer.js';

const NAMES = ['qwen3-next-80b-a3b', 'kimi-linear-48b-a3b', 'minimax-text-01'] as const;
const first = (name: string): ModelPhase => loadModel(name).phases[0]!;
/** Its layers with a state alone. */
const states = (name: string): ModelPhase => ({ ...first(name), layerPattern: 'M', experts: 1 });

/** Of rows that run again, or that have as much to do whatever the sequence. */
const LEFT_OUT = ['recomputeAll', 'gradientsAdded', 'weightsCopied', 'gradientsCopied'] as const;

function sums(m: ModelPhase, section: Section) {
  const rows = opGraph(m)[section].filter((row) => !isCollective(row) && !LEFT_OUT.some((flag) => row.when[flag]));
  const sum = (of: (row: Operation) => number) => rows.reduce((all, row) => all + row.share * of(row), 0);
  return {
    flops: sum(({ flops }) => flops[0]),
    bytes: sum(({ input, output }) => input[0] + output[0]),
    kept: sum(({ saved }) => saved[0]),
  };
}

describe.each(NAMES)('%s', (name) => {
  it.each(['layerForward', 'layerBackward'] as const)('%s: twice the sequence is twice the work', (section) => {
    const m = states(name);
    const one = sums(m, section);
    const two = sums({ ...m, seq: 2 * m.seq, context: 2 * m.seq }, section);
    for (const part of ['flops', 'bytes', 'kept'] as const) {
      expect(two[part] / (2 * one[part] || 1)).toBeCloseTo(one[part] > 0 ? 1 : 0, 9);
    }
  });

  it('has a backward row for each product of the forward pass', () => {
    const m = states(name);
    const products = (section: Section) => opGraph(m)[section].filter(({ kind }) => kind === 'gemm');
    const forward = products('layerForward').map((row) => row.name);
    const backward = products('layerBackward').filter(({ when }) => !when.recomputeAll);
    expect(backward.map((row) => row.name).sort()).toEqual(
      forward.flatMap((product) => [`${product} dW`, `${product} dX`]).sort(),
    );
  });

  it('decodes a token in as much time and memory however many there were', () => {
    const decoded = (context: number) => {
      const set = ['model.phase=decode', `model.context=${context}`, 'model.layerPattern=M', 'model.experts=1'];
      const degrees = ['system.npus=8', 'workload.tp=8', 'workload.dp=1', 'workload.pp=1', 'workload.ep=1'];
      const more = ['workload.batch=64', 'model.expertsPerToken=1', 'model.mtpLayers=0'];
      const space = compileDesign(loadDefault('dgx-h100', name, [...degrees, ...set, ...more]));
      const outputs = new Float64Array(OUTPUT_COUNT);
      createSimulator(space.workload, space.tiers)(space.fixed, outputs, 0);
      return [outputs[OUTPUT.timeUs]!, outputs[OUTPUT.kvCacheMB]!];
    };
    const { layers, stateHeads, stateGroups, stateHeadDim, stateDim, stateConvolution } = first(name);
    const [timeUs, cacheMB] = decoded(4096);
    expect(decoded(65536)).toEqual([timeUs, cacheMB]);
    const looked = Math.max(stateConvolution - 1, 0) * (stateHeads * stateHeadDim + 2 * stateGroups * stateDim);
    const bytes = layers * (4 * stateHeads * stateHeadDim * stateDim + 2 * looked);
    expect(cacheMB).toBeCloseTo((64 * bytes * 1e-6) / 8, 6);
  });
});

/**
 * Milliseconds of FLA 0.5.1's chunk_gated_delta_rule, heads of 128: github.com/QwenLM/FlashQLA, benchmark/benchmark_results_H200.txt at
 * 6e5d2ea1 and benchmark_results_GB200.txt at 5f6aa530.
 */
const PUBLISHED: readonly (readonly [
  chip: string,
  keys: number,
  values: number,
  seq: number,
  pass: Section,
  ms: number,
])[] = [
  ['H200', 16, 32, 8192, 'layerForward', 0.472],
  ['H200', 16, 32, 32768, 'layerForward', 1.89],
  ['H200', 16, 48, 32768, 'layerForward', 2.711],
  ['H200', 16, 64, 8192, 'layerForward', 0.814],
  ['H200', 16, 64, 32768, 'layerForward', 3.331],
  ['GB200', 16, 32, 8192, 'layerForward', 0.468],
  ['GB200', 16, 32, 32768, 'layerForward', 1.77],
  ['GB200', 16, 48, 32768, 'layerForward', 2.521],
  ['GB200', 16, 64, 8192, 'layerForward', 0.755],
  ['GB200', 16, 64, 32768, 'layerForward', 2.943],
  ['H200', 16, 32, 8192, 'layerBackward', 1.444],
  ['H200', 16, 32, 32768, 'layerBackward', 5.697],
  ['GB200', 32, 32, 8192, 'layerBackward', 1.446],
  ['GB200', 32, 32, 32768, 'layerBackward', 5.714],
];

/** Bandwidth and the share of it that memory-bound kernels reach: psa/presets/machines. */
const BYTES_PER_MS: Readonly<Record<string, number>> = { H200: 4800e6 * 0.87, GB200: 8000e6 * 0.77 };

test.each(PUBLISHED)('the scan on %s, %i heads of keys and %i of values, %i tokens, %s: %f ms', (...row) => {
  const [chip, stateGroups, stateHeads, seq, pass, ms] = row;
  const m = { ...states('qwen3-next-80b-a3b'), stateGroups, stateHeads, seq, context: seq };
  const scan = opGraph(m)[pass].filter(({ name, when }) => /^(linear|delta) /.test(name) && !when.recomputeAll);
  const bytes = scan.reduce((sum, { input, output }) => sum + input[0] + output[0], 0);
  const predictedMs = bytes / BYTES_PER_MS[chip]!;
  expect(Math.abs(predictedMs / ms - 1)).toBeLessThan(0.27);
});

/** As MaxText and Megatron-LM count a gated delta net and gated attention (num_floating_point_operations), without the convolution. */
test('FLOPs a token of Qwen3-Next are those that frameworks count', () => {
  const m = { ...first('qwen3-next-80b-a3b'), experts: 1, layerPattern: 'MMM*' };
  const { hidden, seq, heads, kvHeads, headDim, vocab } = m;
  const [keys, values] = [16 * 128, 32 * 128];
  const linear = 2 * hidden * (2 * keys + 2 * values + 2 * 32) + 2 * values * hidden + 8 * 32 * 128 * 128;
  const gated = 2 * hidden * (2 * heads + 2 * kvHeads + heads) * headDim + 2 * seq * heads * headDim;
  const size = modelSize(m, productFlops(m, opGraph(m)));
  const logits = 2 * hidden * vocab;
  expect(size.forwardFlopsCausal / (36 * linear + 12 * gated + logits)).toBeCloseTo(1, 9);
});

test.each([
  ['tp and sp share out heads of keys', ['workload.tp=4', 'workload.sp=4'], 0],
  ['of values there are enough, of keys not', ['workload.tp=8', 'workload.sp=4'], STATUS.HEADS],
] as const)('%s', (_, degrees, status) => {
  const set = [...degrees, 'workload.dp=1', 'workload.pp=1', 'workload.ep=1', 'system.npus=32', 'model.layerPattern=M'];
  const one = ['model.experts=1', 'model.expertsPerToken=1', 'model.heads=32'];
  const space = compileDesign(
    loadDefault('dgx-h100', 'qwen3-next-80b-a3b', [...set, ...one, ...(status === 0 ? ['system.npus=16'] : [])]),
  );
  const found = createSimulator(space.workload, space.tiers)(space.fixed, new Float64Array(OUTPUT_COUNT), 0);
  expect(found & STATUS.HEADS).toBe(status);
});

test.each([
  ['gates that are pressed without a rule that has them', 'model.stateGateRank=64', 'stateGateRank'],
  ['gated latent attention', 'model.kvRank=512', 'attentionGate'],
  ['keys that heads of a Kimi share', 'model.stateRule=kimiDelta', 'stateGroups'],
])('refuses %s', (_, setting, named) => {
  const more = setting === 'model.kvRank=512' ? ['model.kvHeads=16'] : [];
  expect(() => loadDefault('dgx-h100', 'qwen3-next-80b-a3b', [setting, ...more])).toThrow(named);
});
