import { describe, expect, test } from 'vitest';
import { designEvaluator, namedOutputs } from '../../host/designs/designs.js';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { applyOverrides } from '../../psa/overrides.js';
import { allParameters } from '../workload/modelSize.js';

const LAYOUT = [
  ...['system.npus=8', 'workload.pp=1', 'workload.sp=1', 'workload.dp=8', 'workload.tp=1', 'workload.batch=16'],
  ...[
    'workload.microBatch=1',
    'workload.weightSharding=zero1',
    'workload.recomputation=none',
    'compute.hostLaunchUs=0',
  ],
];

function run(...set: string[]) {
  const space = compileDesign(applyOverrides(loadDefault('dgx-h100', 'llama3-8b'), [...LAYOUT, ...set]));
  return { outputs: namedOutputs(designEvaluator(space)(space.fixed).outputs), phase: space.workload.phases[0]! };
}

const plain = run();
const { layers } = plain.phase;

describe("an optimiser's state on the host", () => {
  test('takes nothing of the NPU, in proportion to its share', () => {
    expect(run('workload.optimizerOffload=1').outputs.optimizerMB).toBe(0);
    const quarter = run('workload.optimizerOffload=0.25').outputs.optimizerMB;
    expect(quarter / plain.outputs.optimizerMB).toBeCloseTo(0.75, 9);
  });

  test('gradients go there, weights come back, and Adam moves its 30 bytes a parameter at the host’s rate', () => {
    const { outputs, phase } = run(
      ...['workload.optimizerOffload=1', 'compute.hostLinkGBps=50', 'compute.hostMemoryGBps=80'],
      'compute.kernelOverheadUs=0',
    );
    const shard = allParameters(phase) / 8;
    const seconds = (shard * 6) / 50e9 + (shard * 30) / 80e9;
    expect(outputs.optimizerUs / (seconds * 1e6)).toBeCloseTo(1, 5);
  });
});

describe('activations on the host', () => {
  test('of n layers: all others stay, and two that are under way', () => {
    const { outputs } = run('workload.offloadedLayers=10', 'compute.hostLinkGBps=1e6');
    expect(outputs.activationsMB / plain.outputs.activationsMB).toBeCloseTo((layers - 10 + 2) / layers, 6);
    expect(outputs.timeUs).toBe(plain.outputs.timeUs);
  });

  test('more layers than there are: all of them', () => {
    const all = run('workload.offloadedLayers=1000', 'compute.hostLinkGBps=1e6').outputs;
    expect(all.activationsMB / plain.outputs.activationsMB).toBeCloseTo(2 / layers, 6);
  });

  test('over a slow link passes take as long as what they send', () => {
    const link = 0.5;
    const { outputs } = run(`workload.offloadedLayers=${layers}`, `compute.hostLinkGBps=${link}`);
    const copyUs = (plain.outputs.activationsMB * 1e3) / link;
    // Two micro-batches, there and back.
    expect(outputs.timeUs).toBeGreaterThan(4 * copyUs);
    expect(outputs.timeUs).toBeLessThan(4 * copyUs + plain.outputs.timeUs);
    expect(outputs.launchUs).toBeGreaterThan(0);
  });

  test('what is recomputed does not travel', () => {
    const set = [`workload.offloadedLayers=${layers}`, 'compute.hostLinkGBps=0.5'];
    const full = run(...set, 'workload.recomputation=full').outputs;
    expect(full.timeUs).toBeLessThan(run(...set).outputs.timeUs);
  });

  test('inference keeps nothing, so nothing travels', () => {
    const decode = (...set: string[]) => {
      const space = compileDesign(applyOverrides(loadDefault('dgx-h100', 'gpt3-175b-qa'), set));
      return designEvaluator(space)(space.fixed).outputs;
    };
    expect(decode('workload.offloadedLayers=8', 'compute.hostLinkGBps=0.01')).toEqual(decode());
  });
});

describe('activations of modules on the host', () => {
  const away = (...modules: string[]) =>
    run('compute.hostLinkGBps=1e6', ...modules.map((name) => `workload.${name}=on`));

  // Of Llama 3 8B in half precision: inputs of norms and of products as wide as the stream, keys and values of 8 heads of 128, ….
  const hidden = 4096;
  test.each([
    [['offloadAttentionNorm'], hidden],
    [['offloadQkv'], hidden],
    [['offloadAttentionCore'], hidden + 2 * 1024],
    [['offloadAttentionCore', 'offloadProjection'], 2 * hidden + 2 * 1024],
    [['offloadMlpNorm'], hidden],
    // A dense model has no experts.
    [['offloadExperts', 'offloadExpertActivation'], 0],
  ])('%s: all layers but two lack what these keep', (modules, width) => {
    const { outputs, phase } = away(...modules);
    const lackMB = ((layers - 2) * 2 * phase.seq * width) / 1e6;
    expect(plain.outputs.activationsMB - outputs.activationsMB).toBeCloseTo(lackMB, 3);
    expect(outputs.timeUs).toBe(plain.outputs.timeUs);
  });

  test('over a slow link passes take as long as what they send', () => {
    const { outputs, phase } = run('workload.offloadQkv=on', 'compute.hostLinkGBps=0.05');
    const copyUs = (layers * 2 * phase.seq * hidden) / 0.05e3;
    expect(outputs.timeUs).toBeGreaterThan(4 * copyUs);
    expect(outputs.timeUs).toBeLessThan(4 * copyUs + plain.outputs.timeUs);
  });

  test('what is recomputed anyway does not travel', () => {
    const recomputed = run('workload.recomputation=full').outputs;
    const both = run('workload.recomputation=full', 'workload.offloadQkv=on', 'compute.hostLinkGBps=0.01').outputs;
    expect(both).toEqual(recomputed);
    const norms = run('workload.recomputeNorms=on').outputs;
    expect(run('workload.recomputeNorms=on', 'workload.offloadQkv=on').outputs).toEqual(norms);
  });

  test('experts send the tokens that they have got, and what their activation reads', () => {
    const mixture = (...set: string[]) => {
      const given = [...LAYOUT, 'workload.ep=8', 'compute.hostLinkGBps=1e6', ...set];
      const space = compileDesign(applyOverrides(loadDefault('dgx-h100', 'mixtral-8x7b'), given));
      return { outputs: namedOutputs(designEvaluator(space)(space.fixed).outputs), phase: space.workload.phases[0]! };
    };
    const { outputs, phase } = mixture();
    const lackMB = (width: number) => ((phase.layers - 2) * 2 * phase.seq * phase.expertsPerToken * width) / 1e6;
    const { activationsMB } = mixture('workload.offloadExperts=on').outputs;
    expect(outputs.activationsMB - activationsMB).toBeCloseTo(lackMB(phase.hidden), 3);
    const activation = mixture('workload.offloadExpertActivation=on').outputs.activationsMB;
    expect(outputs.activationsMB - activation).toBeCloseTo(lackMB(2 * phase.ffn), 3);
  });
});
