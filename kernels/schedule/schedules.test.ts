import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/index.js';
import { replay, zeroBubbleH1, zeroBubbleV } from '../../test/scheduleReplay.js';
import { OUTPUT, OUTPUT_COUNT, STATUS } from '../outputs.js';
import { createSimulator, simulateGraph } from '../simulate.js';
import { createState, type State } from '../state.js';

/** A design of gpt3-175b with hardly an embedding or head, in which each NPU is a stage, and its state. */
function simulated(...set: string[]): { s: State; outputs: Float64Array; status: number } {
  const space = compileDesign(
    loadDefault('dgx-h100', 'gpt3-175b', [
      'model.vocab=1',
      'system.npus=64',
      ...['tp=8', 'pp=8', 'dp=1', 'batch=48', 'microBatch=1', 'gradientOverlap=off'].map((each) => `workload.${each}`),
      ...set,
    ]),
  );
  const outputs = new Float64Array(OUTPUT_COUNT);
  const status = createSimulator(space.workload, space.tiers)(space.fixed, outputs, 0);
  const s = createState(space.workload, space.tiers);
  simulateGraph(s, space.fixed);
  return { s, outputs, status };
}

const scheduled = (schedule: string, ...set: string[]) => simulated(`workload.pipelineSchedule=${schedule}`, ...set);

/** F, B and W of a stage in the middle, us. */
function passesOf(s: State) {
  const weight = s.placeWeightUs[2]!;
  return { F: s.placeForwardUs[2]!, B: s.placeBackwardUs[2]! - weight, W: weight };
}

const PP = 8;

/** The ends of the model take a little time, too. */
function expectNear(ratio: number): void {
  expect(Math.abs(ratio - 1)).toBeLessThan(0.04);
}

describe("idle time is what the papers' formulas say of stages that are alike", () => {
  const bubbleOf = (schedule: string) => {
    const { s, outputs } = scheduled(schedule);
    return { ...passesOf(s), bubbleUs: outputs[OUTPUT.bubbleUs]! };
  };

  test('ZB-H1 and ZB-H2 (arXiv 2401.10241, 2.3)', () => {
    const one = bubbleOf('zbH1');
    expectNear(one.bubbleUs / ((PP - 1) * (one.F + one.B - one.W)));
    const two = bubbleOf('zbH2');
    expectNear(two.bubbleUs / ((PP - 1) * (two.F + two.B - 2 * two.W)));
    expect(two.bubbleUs).toBeLessThan(one.bubbleUs);
  });

  test('DualPipe (arXiv 2412.19437, table 2), whose backward pass B has W in it', () => {
    const { F, B, W, bubbleUs } = bubbleOf('dualPipe');
    expectNear(bubbleUs / ((PP / 2 - 1) * (F + B + W + (B + W) - 3 * W)));
  });
});

describe('idle time is what a replay of the published order of passes comes to', () => {
  test('ZB-H1, until the last NPU has ended', () => {
    const { s, outputs } = scheduled('zbH1');
    const { allUs } = replay(zeroBubbleH1(PP, 48), passesOf(s));
    expectNear(outputs[OUTPUT.bubbleUs]! / allUs);
  });

  test('ZB-V, between the first and the last pass of an NPU, two chunks each', () => {
    const { s, outputs } = scheduled('zbV');
    const { F, B, W } = passesOf(s);
    const { betweenUs } = replay(zeroBubbleV(PP, 48), { F: F / 2, B: B / 2, W: W / 2 });
    expectNear(outputs[OUTPUT.bubbleUs]! / betweenUs);
    const alike = { F: 1, B: 1, W: 1 };
    expect(replay(zeroBubbleV(PP, 48), alike).betweenUs).toBe(0);
  });
});

describe('activations', () => {
  test('of the first stage: as with 1F1B, or 2p − 1 of p micro-batches (arXiv 2401.10241, table 2), or p + 1', () => {
    const saved = (schedule: string) => scheduled(schedule).outputs[OUTPUT.activationsMB]!;
    const once = saved('1f1b');
    expect(saved('zbH2') / once).toBeCloseTo((2 * PP - 1) / PP, 9);
    for (const schedule of ['zbH1', 'zbV']) expect(saved(schedule) / once).toBeCloseTo(1, 9);
    // The embedding's mask is of half of the micro-batches.
    expect(saved('dualPipe') / once).toBeCloseTo((PP + 1) / PP, 2);
  });

  test('DualPipe holds two stages of parameters', () => {
    const weights = (schedule: string) => scheduled(schedule).outputs[OUTPUT.weightsMB]!;
    expect(weights('dualPipe') / weights('1f1b')).toBeCloseTo(2, 2);
  });

  test('interleaved, with longer groups of micro-batches a chunk: more in flight', () => {
    const group = (size: string) =>
      scheduled('interleaved', 'workload.virtualStages=2', `workload.interleaveGroup=${size}`);
    const [same, longer] = [group('8'), group('16')];
    expect(group('stages').outputs).toEqual(same.outputs);
    const inFlight = (size: number) => (2 * (PP - 1) + size + 1) / 2;
    expect(longer.outputs[OUTPUT.activationsMB]! / same.outputs[OUTPUT.activationsMB]!).toBeCloseTo(
      inFlight(16) / inFlight(8),
      9,
    );
  });
});

describe('what a schedule cannot have', () => {
  test.each([
    ['interleaveGroup=4', 48, STATUS.SCHEDULE],
    // The last group of 20 has fewer micro-batches than stages, of 10 it has not.
    ['interleaveGroup=20', 44, STATUS.SCHEDULE],
    ['interleaveGroup=10', 48, 0],
    ['interleaveGroup=0', 44, STATUS.SCHEDULE],
  ])('%s with %i micro-batches', (group, batch, status) => {
    const set = ['workload.virtualStages=2', `workload.${group}`, `workload.batch=${batch}`];
    expect(scheduled('interleaved', ...set).status & STATUS.SCHEDULE).toBe(status);
  });

  test('DualPipe: odd or few micro-batches', () => {
    for (const batch of [47, 14]) {
      expect(scheduled('dualPipe', `workload.batch=${batch}`).status & STATUS.SCHEDULE).toBe(STATUS.SCHEDULE);
    }
    expect(scheduled('dualPipe').status & STATUS.SCHEDULE).toBe(0);
  });
});

describe('measured steps of the schedules (arXiv 2401.10241, table 4)', () => {
  type Row = Record<'hidden' | 'layers' | 'heads' | 'pp' | 'micro_batch' | 'micro_batches' | 'schedule', string> & {
    iteration_s: string;
  };
  const rows: Row[] = parse(readFileSync(new URL('../../test/data/measured/zero-bubble.csv', import.meta.url)), {
    columns: true,
  });
  const SCHEDULES: Readonly<Record<string, string>> = {
    '1F1B': '1f1b',
    '1F1B-I': 'interleaved',
    'ZB-1p': 'zbH1',
    'ZB-2p': 'zbH2',
  };

  function predictedUs(row: Row): number {
    const schedule = SCHEDULES[row.schedule]!;
    const model = ['hidden', 'layers', 'heads'].map((name) => `model.${name}=${row[name as 'hidden']}`);
    const space = compileDesign(
      loadDefault('dgx-a100', 'gpt3-175b', [
        'model.kvHeads=1',
        ...model,
        `model.kvHeads=${row.heads}`,
        `model.ffn=${4 * Number(row.hidden)}`,
        'model.seq=1024',
        `system.npus=${row.pp}`,
        ...['tp=1', 'dp=1', 'recomputation=none', 'sequenceParallel=off'].map((each) => `workload.${each}`),
        `workload.pp=${row.pp}`,
        `workload.microBatch=${row.micro_batch}`,
        `workload.batch=${Number(row.micro_batch) * Number(row.micro_batches)}`,
        `workload.pipelineSchedule=${schedule}`,
        // One layer a chunk; the first and the last stage have one layer fewer.
        `workload.virtualStages=${schedule === 'interleaved' ? 3 : 1}`,
        'workload.embeddingLayers=1',
        'workload.headLayers=1',
      ]),
    );
    const outputs = new Float64Array(OUTPUT_COUNT);
    createSimulator(space.workload, space.tiers)(space.fixed, outputs, 0);
    return outputs[OUTPUT.timeUs]!;
  }

  test('are to those of 1F1B as predicted, within 5 %', () => {
    expect(rows.length).toBe(24);
    const errors = rows.map((row) => {
      const base = rows.find(
        ({ schedule, layers, micro_batches }) =>
          schedule === '1F1B' && layers === row.layers && micro_batches === row.micro_batches,
      )!;
      const measured = Number(row.iteration_s) / Number(base.iteration_s);
      return Math.abs(predictedUs(row) / predictedUs(base) / measured - 1);
    });
    expect(Math.max(...errors)).toBeLessThan(0.05);
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.02);
  });
});
