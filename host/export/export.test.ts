import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { packageRoot } from '../../psa/packageRoot.js';
import { readWorkloadRuns, type WorkloadRun } from '../validate/astraFiles.js';
import { astraFiles, astraTimeNs } from './astraFiles.js';
import { importAstra } from './astraImport.js';
import { type AstraRecord, astraExport } from './astraRecord.js';
import { megatronArguments } from './megatron.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cosmic-export-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** ASTRA-sim's files of a run, read as a system, with the run's model and parallelisation as a design of it. */
function exportedAgain(run: WorkloadRun) {
  const { workload: w } = run;
  const record = { ...run, scheduling_policy: 'LIFO' } as unknown as AstraRecord;
  const files = astraFiles({ record, notes: [] });
  const network = write('network.yml', files['network.yml']!);
  const { yaml } = importAstra(network, write('system.json', files['system.json']!), {
    name: 'x',
    memoryCapacityGB: 80,
  });
  const model = stringify({
    name: 'm',
    layers: w.num_stacks,
    hidden: w.dmodel,
    ffn: w.dff,
    heads: 16,
    seq: w.seq,
    causal: true,
    vocab: w.dvocal,
    mlp: 'gelu',
    batch: w.batch,
  });
  const psa = loadDefault(write('system.yaml', yaml), write('model.yaml', model), [
    ...(['dp', 'tp', 'sp', 'pp'] as const).map((axis) => `workload.${axis}=${w[axis]}`),
    `workload.microBatch=${w.micro_batch > 0 ? w.micro_batch / w.dp : 'all'}`,
    `workload.weightSharding=${w.weight_sharded === 1 ? 'zero3' : 'none'}`,
    `workload.sequenceParallel=${w.extra_flags.includes('--tpsp') ? 'off' : 'on'}`,
  ]);
  const space = compileDesign(psa);
  return astraExport(space, space.fixed, run.id).record;
}

describe('ASTRA-sim', () => {
  const runs = readWorkloadRuns(join(packageRoot, 'test', 'data', 'astra-sim', 'workloads.json')).filter(
    ({ active_chunks_per_dimension, num_queues_per_dim, workload: w, time_ns }) =>
      active_chunks_per_dimension === 1 &&
      num_queues_per_dim === undefined &&
      time_ns !== null &&
      w.num_stacks <= 8 &&
      (w.micro_batch < 0 || w.micro_batch % w.dp === 0),
  );

  it('has runs of the program to compare with', () => {
    expect(runs.length).toBeGreaterThan(20);
  });

  it.each(
    runs.map((run) => [run.id, run] as const),
  )('imports and exports %s so that its time is what it printed', (_, run) => {
    const record = exportedAgain(run);
    expect(record.network).toEqual(run.network);
    expect(record.impl).toEqual(run.impl);
    expect(Math.abs(astraTimeNs(record)! / run.time_ns! - 1)).toBeLessThan(1e-4);
  });

  it('writes the names that the tools read', () => {
    const space = compileDesign(loadDefault('cosmic-1024', 'gpt3-175b'));
    const files = astraFiles(astraExport(space, space.fixed, 'default'));
    // The links of the reference's own configuration of this system.
    expect(files['network.yml']).toBe(
      'topology: [ Ring, FullyConnected, Ring, Switch ]\nnpus_count: [ 4, 8, 4, 8 ]\n' +
        'bandwidth: [ 187.5, 25, 75, 100 ]\nlatency: [ 20, 700, 700, 1700 ]\n',
    );
    expect(JSON.parse(files['system.json']!)).toMatchObject({
      'all-reduce-implementation': ['ring', 'direct', 'ring', 'halvingDoubling'],
      'preferred-dataset-splits': 4,
      'peak-perf': 10,
      'local-mem-bw': 50,
    });
    expect(files['generate.sh']).toContain('--weight_sharded 1');
  });

  it.each([
    'dgx-h100',
    'dgx-a100',
  ])('writes a design of %s, whose rings over several dimensions ASTRA-sim does not have, so that it is read back', (system) => {
    const space = compileDesign(loadDefault(system, 'llama3-70b'));
    const exported = astraExport(space, space.fixed, 'x');
    const files = astraFiles(exported);
    expect(exported.notes.join()).toContain('flat ring');
    const [run] = readWorkloadRuns(write('validation.json', files['validation.json']!));
    expect(run!.time_ns).toBe(astraTimeNs(exported.record)!);
    const network = write('network.yml', files['network.yml']!);
    const imported = importAstra(network, write('system.json', files['system.json']!), {
      name: 'x',
      memoryCapacityGB: 80,
    });
    expect(imported.yaml).toContain('multiDimensional: baseline');
  });

  it('refuses what it cannot express', () => {
    const inference = compileDesign(loadDefault('cosmic-1024', 'gpt3-175b-qa'));
    expect(() => astraExport(inference, inference.fixed, 'x')).toThrow(/not the training of one model/);
    const experts = compileDesign(loadDefault('cosmic-1024', 'mixtral-8x7b'));
    expect(() => astraExport(experts, experts.fixed, 'x')).toThrow(/mixture of experts/);
  });

  it.each([
    ['an algorithm that is not simulated', '"oneRing"', '[ 4 ]', /all-reduce-implementation/],
    ['lists of different lengths', '"ring"', '[ 4, 4 ]', /npus_count has 2 values for 1/],
  ])('says what is wrong with %s', (_, algorithm, npus, message) => {
    const network = write('n.yml', `topology: [ Ring ]\nnpus_count: ${npus}\nbandwidth: [ 50 ]\nlatency: [ 500 ]\n`);
    const lists = ['all-reduce', 'all-gather', 'reduce-scatter', 'all-to-all'].map(
      (c) => `"${c}-implementation": [${algorithm}]`,
    );
    const system = write('s.json', `{ "local-mem-bw": 50, "peak-perf": 10, ${lists.join(', ')} }`);
    expect(() => importAstra(network, system, { name: 'x', memoryCapacityGB: 80 })).toThrow(message);
  });
});

describe('Megatron-LM', () => {
  const DESIGN = [
    'workload.dp=8',
    'workload.tp=8',
    'workload.sp=1',
    'workload.pp=16',
    'workload.axisOrder=tp-sp-ep-dp-pp',
  ];
  const argumentsOf = (model: string, ...set: string[]) => {
    const space = compileDesign(loadDefault('cosmic-1024', model, [...DESIGN, ...set]));
    return megatronArguments(space, space.fixed);
  };

  it('writes the shape and degrees of its own example of 175 billion parameters', () => {
    // examples/gpt3/train_gpt3_175b_distributed.sh of Megatron-LM
    const flags = argumentsOf('gpt3-175b', 'workload.microBatch=1', 'model.batch=1536');
    expect(flags).toEqual(
      expect.arrayContaining([
        '--tensor-model-parallel-size 8',
        '--pipeline-model-parallel-size 16',
        '--num-layers 96',
        '--hidden-size 12288',
        '--num-attention-heads 96',
        '--seq-length 2048',
        '--max-position-embeddings 2048',
        '--micro-batch-size 1',
        '--global-batch-size 1536',
      ]),
    );
  });

  it('knows interleaving, experts, grouped queries and its second order of ranks', () => {
    expect(argumentsOf('gpt3-175b', 'workload.pipelineSchedule=interleaved', 'workload.virtualStages=2')).toContain(
      '--num-layers-per-virtual-pipeline-stage 3',
    );
    expect(argumentsOf('mixtral-8x7b', 'workload.ep=8')).toEqual(
      expect.arrayContaining(['--expert-model-parallel-size 8', '--num-experts 8', '--num-query-groups 8', '--swiglu']),
    );
    expect(argumentsOf('gpt3-175b', 'workload.axisOrder=tp-sp-ep-pp-dp')).toContain('--use-tp-pp-dp-mapping');
  });

  it.each([
    ['gpt3-175b', 'workload.axisOrder=dp-tp-sp-ep-pp', /axes laid as/],
    ['gpt3-175b', 'workload.pipelineSchedule=gpipe', /GPipe/],
    ['gpt3-175b', 'model.layers=40', /40 layers on 16 stages/],
    ['vit-large', 'model.layers=32', /vision transformer/],
  ])('refuses %s with %s', (model, set, message) => {
    expect(() => argumentsOf(model, set)).toThrow(message);
  });
});
