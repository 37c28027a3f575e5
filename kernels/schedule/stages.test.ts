import { describe, expect, test } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/index.js';
import { memoryByStage } from '../memory/stages.js';
import { OUTPUT, STATUS } from '../outputs.js';
import { simulateGraph } from '../simulate.js';
import { createState, type State } from '../state.js';
import { stageLayers } from './stage.js';

/** Llama 3 8B has 32 layers. */
const set = (pp: number, ...more: string[]) => [
  'system.npus=64',
  `workload.pp=${pp}`,
  `workload.dp=${64 / pp}`,
  'workload.tp=1',
  'workload.virtualStages=1',
  'workload.pipelineSchedule=1f1b',
  ...more.map((one) => `workload.${one}`),
];

function stateOf(pp: number, ...more: string[]): State {
  const space = compileDesign(loadDefault('dgx-h100', 'llama3-8b', set(pp, ...more)));
  const s = createState(space.workload, space.tiers);
  simulateGraph(s, space.fixed);
  return s;
}

const layersOf = (s: State, pp: number): number[] => Array.from({ length: pp }, (_, stage) => stageLayers(s, stage));

describe('layers of the first and the last stage', () => {
  test.each([
    [4, ['firstStageLayers=5'], [5, 9, 9, 9]],
    [4, ['lastStageLayers=3'], [10, 10, 9, 3]],
    [4, ['firstStageLayers=6', 'lastStageLayers=4'], [6, 11, 11, 4]],
    [2, ['firstStageLayers=15', 'lastStageLayers=17'], [15, 17]],
    // Edges that count have no say then.
    [4, ['firstStageLayers=5', 'embeddingLayers=1', 'headLayers=1'], [5, 9, 9, 9]],
    [1, ['firstStageLayers=5'], [32]],
  ])('%i stages with %j have %j', (pp, more, layers) => {
    const s = stateOf(pp, ...more);
    expect(s.planStatus & STATUS.LAYERS).toBe(0);
    expect(layersOf(s, pp)).toEqual(layers);
    const all = Array.from(s.placeStages.subarray(0, s.places), (stages, place) => stages * s.placeLayers[place]!);
    expect(all.reduce((sum, own) => sum + own, 0)).toBe(32);
    expect(Math.max(...s.placeLayers.subarray(0, s.places))).toBe(Math.max(...layers));
  });

  test.each([
    [4, ['firstStageLayers=30']],
    [4, ['firstStageLayers=16', 'lastStageLayers=16']],
    [2, ['firstStageLayers=15', 'lastStageLayers=16']],
    [2, ['lastStageLayers=40']],
  ])('%i stages cannot have %j', (pp, more) => {
    expect(stateOf(pp, ...more).planStatus & STATUS.LAYERS).not.toBe(0);
  });

  // Megatron-LM's get_num_layers_to_build with --account-for-embedding-in-pipeline-split and its twin for the loss.
  test('are as many as stages with what embedding and head count for, and no fewer', () => {
    const counted = stateOf(64, 'embeddingLayers=16', 'headLayers=16');
    expect(counted.planStatus & STATUS.LAYERS).toBe(0);
    const none = Array<number>(16).fill(0);
    expect(layersOf(counted, 64)).toEqual([...none, ...Array<number>(32).fill(1), ...none]);
    expect(stateOf(64, 'embeddingLayers=16', 'headLayers=15').planStatus & STATUS.LAYERS).not.toBe(0);
    expect(stateOf(64).planStatus & STATUS.LAYERS).not.toBe(0);
  });

  test('move time and memory between stages', () => {
    const even = stateOf(4);
    const fewer = stateOf(4, 'lastStageLayers=5');
    expect(fewer.placeForwardUs[1]! / even.placeForwardUs[1]!).toBeCloseTo(9 / 8, 9);
    expect(fewer.placeForwardUs[fewer.places - 1]).toBeLessThan(even.placeForwardUs[even.places - 1]!);
    const weights = (...more: string[]) => {
      const space = compileDesign(loadDefault('dgx-h100', 'llama3-8b', set(4, ...more)));
      const [phase] = memoryByStage(space.workload, space.tiers, space.fixed);
      return phase!.stages.map(({ outputs }) => outputs[OUTPUT.activationsMB]!);
    };
    const [first, second, last] = weights('firstStageLayers=4', 'lastStageLayers=4');
    const [evenFirst, evenSecond, evenLast] = weights();
    expect(first).toBeCloseTo(evenFirst! / 2, 3);
    expect(second).toBeCloseTo((12 / 8) * evenSecond!, 3);
    expect(last).toBeCloseTo(evenLast! / 2, 3);
  });
});

test('launches that block take their time behind that of the NPU, and a pass that has none takes as long as before', () => {
  const passes = (launchUs: number, launchBlocking: string) => {
    const all = [...set(4), `compute.hostLaunchUs=${launchUs}`, `compute.launchBlocking=${launchBlocking}`];
    const space = compileDesign(loadDefault('dgx-h100', 'llama3-8b', [...all, 'compute.hostMicroBatchUs=7']));
    const own = createState(space.workload, space.tiers);
    simulateGraph(own, space.fixed);
    return own.placeForwardUs[1]!;
  };
  const npuUs = passes(0, 'off') - 7;
  const besideUs = passes(100, 'off') - 7;
  const hostUs = Math.sqrt(besideUs ** 2 - npuUs ** 2);
  expect(passes(100, 'on')).toBeCloseTo(npuUs + hostUs + 7, 6);
  expect(passes(0, 'on')).toBeCloseTo(npuUs + 7, 6);
});
