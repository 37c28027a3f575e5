import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { OUTPUT } from '../../kernels/outputs.js';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { packageRoot } from '../../psa/packageRoot.js';
import { temporaryFolder, writerIn } from '../../test/temporaryFolder.js';
import { readWorkloadRuns, type WorkloadRun } from '../astraRuns/runFiles.js';
import { designEvaluator } from '../designs/designs.js';
import { astraFiles, astraTimeNs } from './astraFiles.js';
import { importAstra } from './astraImport.js';
import { type AstraRecord, astraExport } from './astraRecord.js';

const folder = temporaryFolder('export');
const write = writerIn(folder);

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
    expect(run!.time_ns).toBeNull();
    expect(JSON.parse(files['expected.json']!).time_ns).toBe(astraTimeNs(exported.record)!);
    const network = write('network.yml', files['network.yml']!);
    const imported = importAstra(network, write('system.json', files['system.json']!), {
      name: 'x',
      memoryCapacityGB: 80,
    });
    expect(imported.yaml).toContain('multiDimensional: baseline');
  });

  it('writes scripts that work from any folder, and a time that is what the program printed', () => {
    const space = compileDesign(loadDefault('cosmic-512', 'gpt3-175b', ['model.layers=4']));
    const exported = join(folder, 'exported');
    const tools = join(folder, 'tools');
    for (const path of [exported, tools, join(tools, 'stg'), join(tools, 'stg', 'sharding')]) mkdirSync(path);
    for (const [name, text] of Object.entries(astraFiles(astraExport(space, space.fixed, 'x')))) {
      writeFileSync(join(exported, name), text, { mode: name.endsWith('.sh') ? 0o755 : 0o644 });
    }
    // Stand-ins: a generator that opens a file of its own folder, a program that opens a file for each NPU.
    writeFileSync(join(tools, 'stg', 'sharding', 'sheet.csv'), '');
    writeFileSync(
      join(tools, 'stg', 'main.py'),
      "import sys\nopen('sharding/sheet.csv')\nout = sys.argv[sys.argv.index('--output_dir') + 1]\n" +
        "open(out + '/workload.json', 'w').write(' '.join(sys.argv))\n",
    );
    writeFileSync(
      join(tools, 'astra'),
      '#!/bin/bash\n[ "$(ulimit -Sn)" -ge 512 ] && [ -f workload/workload.json ] || exit 1\n' +
        'for i in $(seq 0 511); do echo "sys[$i] finished, $((1000 + i)) cycles, exposed communication 1 cycles."; done\n',
      { mode: 0o755 },
    );
    const shell = (command: string, env: Record<string, string>) =>
      execFileSync('bash', ['-c', command], { cwd: tools, env: { ...process.env, ...env }, stdio: 'pipe' }).toString();
    shell('../exported/generate.sh', { STG: './stg' });
    expect(readFileSync(join(exported, 'workload', 'workload.json'), 'utf8')).toContain('--num_stacks 4');
    shell('ulimit -Sn 256; ../exported/run.sh', { ASTRA_SIM: './astra' });
    const [run] = readWorkloadRuns(join(exported, 'validation.json'));
    expect(run!.time_ns).toBe(1511);
  });

  it('refuses what it cannot express', () => {
    const inference = compileDesign(loadDefault('cosmic-1024', 'gpt3-175b-qa'));
    expect(() => astraExport(inference, inference.fixed, 'x')).toThrow(/not the training of one model/);
    const experts = compileDesign(loadDefault('cosmic-1024', 'mixtral-8x7b'));
    expect(() => astraExport(experts, experts.fixed, 'x')).toThrow(/mixture of experts/);
  });

  const NETWORK =
    'topology: [ Switch, Ring ]\nnpus_count: [ 8, 4 ]\nbandwidth: [ 400, 50 ]\nlatency: [ 936.25, 1000 ]\n';
  const NATIVE = ['all-reduce', 'all-gather', 'reduce-scatter', 'all-to-all'];

  /** Imports a system file of these algorithms, and what else it has. */
  function imported(more: Record<string, unknown>, algorithms = ['ring', 'ring'], network = NETWORK) {
    const lists = Object.fromEntries(NATIVE.map((name) => [`${name}-implementation`, algorithms]));
    const files = [write('n.yml', network), write('s.json', JSON.stringify({ ...lists, ...more }))] as const;
    const { yaml, notes } = importAstra(...files, { name: 'x', memoryCapacityGB: 80 });
    return { yaml, notes: notes.join('\n'), file: parse(yaml) };
  }

  it('refuses what no system file may say, and writes one line of comment whatever the files are called', () => {
    expect(() => imported({ 'preferred-dataset-splits': 4096 })).toThrow(/is refused: .*chunks is 4096/);
    const network = write('net\nname: evil.yml', NETWORK);
    const system = write('system.json', '{}');
    const { yaml } = importAstra(network, system, { name: 'x', memoryCapacityGB: 80 });
    expect(parse(yaml)).toMatchObject({ name: 'x' });
    expect(() => importAstra(network, system, { name: 'a\u001b[31m', memoryCapacityGB: 80 })).toThrow(/is refused/);
  });

  it('reads peak-perf and local-mem-bw where the program does, and says what it assumes elsewhere', () => {
    const roofline = { 'roofline-enabled': 1, 'peak-perf': 700, 'local-mem-bw': 3350 };
    expect(imported(roofline).file.compute).toMatchObject({ peakTflops: 700, memoryBandwidthGBps: 3350 });
    expect(() => imported({ 'roofline-enabled': 1, 'local-mem-bw': 50 })).toThrow(/peak-perf is missing/);
    const { file, notes } = imported({ 'peak-perf': 10, 'local-mem-bw': 50 });
    expect(file.compute).toMatchObject({ peakTflops: 312, memoryBandwidthGBps: 2039 });
    expect(notes).toContain('compute.memoryBandwidthGBps=50');
    // The smallest published pair: a switch of 8, no roofline.
    const small = 'topology: [ Switch ]\nnpus_count: [ 8 ]\nbandwidth: [ 400.0 ]  # GB/s\nlatency: [ 936.25 ]  # ns\n';
    expect(imported({ 'boost-mode': 0, 'local-mem-bw': 50 }, ['ring'], small).file.npus).toBe(8);
  });

  it('takes a missing endpoint delay for the 10 ns of the program', () => {
    expect(imported({}).file.endpointDelayNs).toBe(10);
    expect(imported({ 'endpoint-delay': 1 }).file.endpointDelayNs).toBe(1);
  });

  it('keeps active chunks and windows, which the astra-sim profile honours', () => {
    const { yaml, notes } = imported({ 'preferred-dataset-splits': 8, 'active-chunks-per-dimension': 2 }, [
      'direct2',
      'direct3',
    ]);
    expect(notes).toContain('active-chunks-per-dimension counts in the astra-sim profile alone');
    const system = write('imported.yaml', yaml);
    const times = ['collective.activeChunks=1', 'collective.activeChunks=2', 'collective.directWindow[0]=all'].map(
      (set) => {
        const assignments = ['model.layers=2', 'workload.tp=1', 'workload.dp=32', set];
        const space = compileDesign(loadDefault(system, 'gpt3-13b', assignments, 'astra-sim'));
        return designEvaluator(space)(space.fixed).outputs[OUTPUT.timeUs]!;
      },
    );
    expect(times[1]).toBeLessThan(times[0]!);
    expect(times[2]).toBeLessThan(times[1]!);
    // A window of all peers is the direct exchange itself.
    expect(imported({}, ['direct7', 'direct100']).file.collective).not.toHaveProperty('directWindow');
    const space = compileDesign(loadDefault(system, 'gpt3-13b', [], 'astra-sim'));
    const { record } = astraExport(space, space.fixed, 'x');
    expect([record.active_chunks_per_dimension, record.impl['all-reduce']]).toEqual([2, ['direct2', 'direct']]);
  });

  it('names each field that it ignores', () => {
    const more = { 'boost-mode': 1, 'inter-dimension-scheduling': 'themis', 'intra-dimension-scheduling': 'SCF', x: 1 };
    const { notes } = imported(more);
    for (const [name, value] of Object.entries(more))
      expect(notes).toContain(`${name} (${JSON.stringify(value)}) is ignored`);
    expect(notes).not.toContain('links are 7.4 % slower here');
  });

  it('reads the form of version 1.0, and says so', () => {
    const old = {
      'topology-name': 'Hierarchical',
      'topologies-per-dim': ['Switch', 'Ring'],
      'dimensions-count': 2,
      'units-count': [8, 4],
      'link-latency': [936.25, 1000],
      'link-bandwidth': [400, 50],
      'nic-latency': [0, 0],
    };
    const { file, notes } = imported({ 'all-reduce-implementation': 'ring_ring' }, undefined, JSON.stringify(old));
    expect(file.dimensions).toEqual(imported({}).file.dimensions);
    expect(notes).toMatch(/form of ASTRA-sim 1\.0/);
    expect(notes).toContain('nic-latency ([0,0]) is ignored');
  });

  it.each([
    ['an algorithm that is not simulated', { 'all-reduce-implementation': ['oneRing', 'ring'] }, /oneRing/],
    [
      'a custom collective',
      { 'all-reduce-implementation-custom': ['/a'] },
      /all-reduce-implementation-custom names a custom/,
    ],
    [
      'windows that differ',
      { 'all-gather-implementation': ['direct2', 'ring'], 'all-to-all-implementation': ['direct', 'ring'] },
      /different windows/,
    ],
    [
      'a list that is too short',
      { 'all-reduce-implementation': ['ring'] },
      /all-reduce-implementation has 1 values for 2/,
    ],
  ])('says what is wrong with %s', (_, more, message) => {
    expect(() => imported(more)).toThrow(message);
  });

  it('says what is wrong with lists of different lengths', () => {
    const network = NETWORK.replace('[ 8, 4 ]', '[ 8, 4, 2 ]');
    expect(() => imported({}, undefined, network)).toThrow(/npus_count has 3 values for 2/);
  });
});
