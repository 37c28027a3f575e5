import { describe, expect, test } from 'vitest';
import { loadModel } from '../../psa/index.js';
import type { ModelPhase } from '../../psa/space.js';
import { GRAPH_REAL, headerOf } from './header.js';
import { parameterCounts } from './modelSize.js';
import { opGraph } from './transformer.js';

function phaseOf(model: string): ModelPhase {
  return loadModel(model).phases[0]!;
}

describe('published sizes', () => {
  test.each([
    ['gpt3-175b', 175e9],
    ['llama3-70b', 70.55e9],
    ['llama3-405b', 405.9e9],
    ['mixtral-8x7b', 46.7e9],
    ['vit-base', 86e6],
    ['vit-large', 304e6],
  ])('%s has %d parameters within 1.5 %%', (model, published) => {
    const m = phaseOf(model);
    const { dense, kv, expert, embed, head } = parameterCounts(m);
    // GPT-3 ties its head to its embedding.
    const tied = model.startsWith('gpt3') ? 0 : head;
    const total = m.layers * (dense + kv + expert) + embed + tied;
    expect(Math.abs(total / published - 1)).toBeLessThan(0.015);
  });
});

describe('work and memory of a GPT layer', () => {
  const m = phaseOf('gpt3-175b');
  const sb = m.seq * m.hidden;

  test('FLOPs of a step: 72·s·l·h²·(1 + s/6h + V/12lh) a sequence (arXiv 2104.04473, equation 3, without recomputation)', () => {
    const flops =
      72 * m.seq * m.layers * m.hidden ** 2 * (1 + m.seq / (6 * m.hidden) + m.vocab / (12 * m.layers * m.hidden));
    const { real } = headerOf(m, opGraph(m));
    expect((real[GRAPH_REAL.MODEL_MFLOP]! * 1e6) / flops).toBeCloseTo(1, 6);
  });

  function saved(filter: (name: string, core: boolean) => boolean, scales: string[]): number {
    return opGraph(m)
      .layerForward.filter(
        (op) => op.when.fusedAttention !== true && filter(op.name, op.droppedWith.includes('recomputeCore')),
      )
      .filter((op) => scales.includes(op.saved[1]))
      .reduce((sum, op) => sum + op.saved[0], 0);
  }

  test('kept activations: 10·s·b·h on every rank and 24·s·b·h split by tp (arXiv 2205.05198, equation 2)', () => {
    const outsideCore = (_: string, core: boolean) => !core;
    expect(saved(outsideCore, ['tokensSeq']) / sb).toBeCloseTo(10, 9);
    expect(saved(outsideCore, ['tokensTp', 'tokensKv']) / sb).toBeCloseTo(24, 9);
  });

  test('and 5·a·s²·b in the attention core', () => {
    const core = saved((_, isCore) => isCore, ['tokensTp']);
    expect(core / (m.heads * m.seq ** 2)).toBeCloseTo(5, 9);
  });

  test('the backward pass does twice the products of the forward pass', () => {
    const flops = (section: 'layerForward' | 'layerBackward') =>
      opGraph(m)
        [section].filter((op) => op.kind === 'gemm' && op.when.fusedAttention !== true)
        .filter((op) => !op.name.endsWith(' again'))
        .reduce((sum, op) => sum + op.flops[0], 0);
    expect(flops('layerBackward') / flops('layerForward')).toBeCloseTo(2, 9);
  });
});

describe('other models', () => {
  test('experts exchange each token twice each way', () => {
    const graph = opGraph(phaseOf('mixtral-8x7b'));
    const exchanges = (section: 'layerForward' | 'layerBackward') =>
      graph[section].filter((op) => op.group === 'ep' && !op.name.endsWith(' again')).length;
    expect([exchanges('layerForward'), exchanges('layerBackward')]).toEqual([2, 2]);
  });

  test('decoding reads the whole cache and has no backward pass', () => {
    const decode = loadModel('gpt3-175b-qa').phases.find(({ phase }) => phase === 'decode')!;
    const graph = opGraph(decode);
    const cache = graph.layerForward.find((op) => op.name === 'attention over cache')!;
    expect(cache.weight[0]).toBe(2 * 2 * decode.context * decode.hidden);
    expect(graph.layerBackward).toHaveLength(0);
  });
});
