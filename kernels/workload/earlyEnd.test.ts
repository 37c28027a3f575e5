import { expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { loadModel } from '../../psa/model.js';
import { OUTPUT, OUTPUT_COUNT } from '../outputs.js';
import { createSimulator } from '../simulate.js';
import { opGraph } from './transformer.js';

function secondsOf(...set: string[]): number {
  const { workload, tiers, fixed } = compileDesign(
    loadDefault('h100-sxm', 'llama3-8b', ['system.npus=8', 'workload.recomputation=full', ...set], undefined, 'fsdp2'),
  );
  const outputs = new Float64Array(OUTPUT_COUNT);
  createSimulator(workload, tiers)(fixed, outputs, 0);
  return outputs[OUTPUT.timeUs]! * 1e-6;
}

it('a layer that is run again no further than needed saves its last product, of a third of the weights of an MLP', () => {
  const saved = 1 - secondsOf() / secondsOf('workload.recomputationEnd=block');
  expect(saved).toBeGreaterThan(0.04);
  expect(saved).toBeLessThan(0.09);
});

it('every second product costs less than a whole layer', () => {
  const none = secondsOf('workload.recomputation=none');
  const some = secondsOf('workload.recomputation=none', 'workload.recomputeOperations=on');
  expect(some).toBeGreaterThan(1.05 * none);
  expect(some).toBeLessThan(secondsOf());
});

it('flash attention 2 knows no instructions of Hopper', () => {
  const slow = secondsOf('model.seq=65536', 'workload.batch=8', 'workload.microBatch=1');
  const own = secondsOf(
    'model.seq=65536',
    'workload.batch=8',
    'workload.microBatch=1',
    'compute.synchronousAttention=0',
  );
  expect(slow).toBeGreaterThan(1.15 * own);
});

it('a dense MLP that is run again no further than needed goes without its last product, a third of its FLOPs', () => {
  const timed = (...set: string[]) => secondsOf('workload.recomputation=none', ...set);
  const whole = timed('workload.recomputeMlp=on', 'workload.recomputationEnd=block') - timed();
  const needed = timed('workload.recomputeMlp=on') - timed();
  expect(needed / whole).toBeGreaterThan(0.6);
  expect(needed / whole).toBeLessThan(0.75);
});

/** Collectives between experts of a step of a mixture all of whose layers run again. */
function exchangedUs(model: string, ...set: string[]): number {
  const layout = ['system.npus=8', 'workload.ep=8', 'workload.recomputation=full'];
  const { workload, tiers, fixed } = compileDesign(
    loadDefault('h100-sxm', model, [...layout, ...set], undefined, 'automodel'),
  );
  const outputs = new Float64Array(OUTPUT_COUNT);
  createSimulator(workload, tiers)(fixed, outputs, 0);
  return outputs[OUTPUT.exposedEpUs]!;
}

it('a mixture that is run again no further than needed goes without the way back of its tokens, one of six ways', () => {
  const ratio = (model: string, ...set: string[]) =>
    exchangedUs(model, ...set) / exchangedUs(model, 'workload.recomputationEnd=block', ...set);
  expect(ratio('qwen3-30b-a3b')).toBeCloseTo(5 / 6, 2);
  // Weighted sums of copies need the copies, and products from a latent need the latents.
  expect(ratio('qwen3-30b-a3b', 'workload.expertDispatch=allToAll')).toBe(1);
  expect(ratio('nemotron3-super-120b-a12b')).toBe(1);
});

/** Rows that are left out where a layer is run again no further than needed. */
function leftOut(model: string): string[] {
  const again = opGraph(loadModel(model).phases[0]!).layerBackward.filter(({ when }) => when.recomputeAll === true);
  const ran = new Set(again.filter(({ when }) => when.earlyEnd !== false).map(({ name }) => name));
  return again.map(({ name }) => name).filter((name) => name.endsWith(' again') && !ran.has(name));
}

it('of layers that are one block each, each ends with the last value that is needed', () => {
  const attention = ['attention projection again', 'attention residual again'];
  // The kernel of Mamba-2 has the product back within itself.
  const hybrid = leftOut('nemotron-h-8b');
  expect(hybrid).toEqual(expect.arrayContaining([...attention, 'state residual again', 'MLP down again']));
  expect(hybrid).not.toContain('state output again');
  // Behind each mixer of these is an MLP, whose norm looks at their sum.
  for (const model of ['llama3-8b', 'qwen3-next-80b-a3b', 'granite4-h-small', 'kimi-linear-48b-a3b']) {
    const others = leftOut(model);
    for (const name of [...attention, 'state output again', 'state residual again']) expect(others).not.toContain(name);
  }
});
