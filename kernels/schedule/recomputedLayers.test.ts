/** Full recomputation of some layers: Megatron-LM's block method. */
import { describe, expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { explain } from '../explain.js';
import { OUTPUT, OUTPUT_COUNT } from '../outputs.js';
import { createSimulator } from '../simulate.js';

const LAYERS = 32;
const JOB = [
  'system.npus=8',
  'workload.tp=2',
  'workload.batch=32',
  'workload.microBatch=1',
  'workload.attention=fused',
];

function spaceOf(set: readonly string[]) {
  return compileDesign(loadDefault('h100-sxm', 'llama3-8b', [...JOB, ...set], undefined, 'megatron-core'));
}

function run(...set: string[]) {
  const { workload, tiers, fixed } = spaceOf(set);
  const outputs = new Float64Array(OUTPUT_COUNT);
  createSimulator(workload, tiers)(fixed, outputs, 0);
  return { timeUs: outputs[OUTPUT.timeUs]!, activationsMB: outputs[OUTPUT.activationsMB]! };
}

const FULL = 'workload.recomputation=full';
const layers = (count: number) => [FULL, `workload.recomputedLayers=${count}`];
const INTERLEAVED = ['workload.pp=2', 'workload.pipelineSchedule=interleaved', 'workload.virtualStages=4'];

describe('of a single stage', () => {
  const all = run(FULL);
  const none = run('workload.recomputation=none');

  it.each([1, 8, 24])('%d layers keep one value each, and the others all', (count) => {
    const { activationsMB } = run(...layers(count));
    const perLayer = [all, none].map((one) => one.activationsMB / LAYERS) as [number, number];
    // The embedding's and the head's, which do not change, are a part of less than a layer's.
    expect(activationsMB / (count * perLayer[0] + (LAYERS - count) * perLayer[1])).toBeCloseTo(1, 2);
  });

  it.each([8, 16, 24])('%d of 32 cost so much of what all cost', (count) => {
    const share = (run(...layers(count)).timeUs - none.timeUs) / (all.timeUs - none.timeUs);
    expect(share).toBeCloseTo(count / LAYERS, 1);
  });

  it.each([32, 100])('%d are all', (count) => expect(run(...layers(count))).toEqual(all));

  it('says nothing without full recomputation', () =>
    expect(run('workload.recomputation=none', 'workload.recomputedLayers=8')).toEqual(none));
});

describe('of several chunks', () => {
  it('each has so many', () => {
    const all = run(...INTERLEAVED, FULL);
    expect(run(...INTERLEAVED, ...layers(LAYERS / 8))).toEqual(all);
    const { timeUs, activationsMB } = run(...INTERLEAVED, ...layers(2));
    const none = run(...INTERLEAVED, 'workload.recomputation=none');
    expect((timeUs - none.timeUs) / (all.timeUs - none.timeUs)).toBeCloseTo(1 / 2, 1);
    expect((2 * activationsMB) / (all.activationsMB + none.activationsMB)).toBeCloseTo(1, 1);
  });
});

it('operations are shown as often as they run', () => {
  const space = spaceOf(layers(8));
  const [graph] = explain(space.workload, space.tiers, space.fixed);
  const lasts = (name: string) => graph!.operations.find((op) => op.name === name)!;
  const [once, again] = [lasts('MLP up'), lasts('MLP up again')].map(({ startUs, endUs }) => endUs - startUs);
  expect(again! / once!).toBeCloseTo(8 / LAYERS, 6);
});
