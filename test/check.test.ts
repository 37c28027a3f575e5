/** `cosmic check` on the command line: verdicts, exit codes, lines, JSON. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../psa/packageRoot.js';
import { cosmic } from './commandLine.js';
import { temporaryFolder } from './temporaryFolder.js';

const EXAMPLE = join(packageRoot, 'examples', 'configurations', 'megatron-llama3-70b.sh');

const folder = temporaryFolder('check');

it('says that the example runs, and how', async () => {
  const { code, stdout } = await cosmic(folder, 'check', EXAMPLE, '--system', 'h100-sxm', '--json');
  expect(code).toBe(0);
  const json = JSON.parse(stdout);
  expect(json).toMatchObject({ runs: true, legal: true, npus: 64, format: 'megatron', notUnderstood: [] });
  expect(json.step.parameters).toMatchObject({
    'workload.dp': 2,
    'workload.tp': 8,
    'workload.pp': 4,
    'workload.batch': 128,
  });
  expect(json.step.tokensPerSecond * json.step.timeSeconds).toBeCloseTo(128 * 8192, 3);
  // Half of the attention of 80 layers (arXiv 2104.04473, equation 2: 4·b·s²·h a layer forward) is what the conventions differ by.
  const perToken = 2 * 80 * 8192 * 8192;
  const [model] = json.models;
  expect(model.forwardFlopsFull - model.forwardFlopsCausal).toBeCloseTo(perToken, -3);
  expect(json.step.mfuCausal / json.step.mfuFull).toBeCloseTo(model.forwardFlopsCausal / model.forwardFlopsFull, 12);
});

it('names each broken rule with its line, and ends with 1', async () => {
  const { code, stdout } = await cosmic(
    folder,
    'check',
    EXAMPLE,
    '--variable',
    'TP=16',
    '--variable',
    'PP=3',
    '--json',
  );
  expect(code).toBe(1);
  const { legal, violations } = JSON.parse(stdout);
  expect(legal).toBe(false);
  expect(violations.map(({ rule }: { rule: string }) => rule)).toEqual([
    'world size',
    'heads of keys and values',
    'layers',
  ]);
  expect(violations[1].says).toBe('8 heads of keys and values are no multiple of tensor parallel 16');
  expect(violations[1].settings[0]).toEqual({ name: '--num-query-groups', line: 21 });
});

it('says by how much a job does not fit, and ends with 1', async () => {
  const { code, stdout } = await cosmic(folder, 'check', EXAMPLE, '--variable', 'TP=1', '--variable', 'PP=2');
  expect(code).toBe(1);
  expect(stdout).toMatch(/memory: does not fit: [\d.,]+ GB too much on the (first|last) stage/);
});

it.each([
  ['nothing.sh', undefined, 'FILE_NOT_FOUND'],
  ['empty.sh', 'echo hello\n', 'SCHEMA'],
  [
    'space.yaml',
    'version: 1\nname: mine\nsystem: dgx-h100\nmodel: llama3-8b\nworkload: { tp: 2 }\n',
    'SCHEMA',
    /no framework is known/,
  ],
  ['list.json', '[1, 2]', 'SCHEMA', /no mapping of settings/],
  ['open.sh', 'torchrun --nproc_per_node 8 p.py --num-layers $LAYERS --hidden-size 64\n', 'SCHEMA'],
  ['none.sh', 'torchrun --nproc_per_node 8 p.py --micro-batch-size 1 --seq-length 64\n', 'ARGUMENT'],
  ['zero.sh', 'torchrun --nproc_per_node 8 p.py --micro-batch-size 0 --tensor-model-parallel-size 2\n', 'ARGUMENT'],
  ['words.sh', 'torchrun --nproc_per_node 8 p.py --num-layers many\n', 'VALUE_OUT_OF_RANGE'],
])('%s is bad input', async (name, text, code, message = /./) => {
  if (text !== undefined) writeFileSync(join(folder, name), text);
  const outcome = await cosmic(folder, 'check', name, '--json');
  expect(outcome.code).toBe(2);
  const { error } = JSON.parse(outcome.stdout);
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  expect(error.remedy).not.toBe('');
});

it('says where published peaks speak against a fit that is counted', async () => {
  const script = join(packageRoot, 'test', 'data', 'configurations', 'mlm-llama-llama3-70b-h100-64-fp8.sh');
  const lineOf = async (...args: string[]) =>
    (await cosmic(folder, 'check', ...args, '--system', 'h100-sxm')).stdout
      .split('\n')
      .find((line) => /^chance/.test(line));
  const smaller = await lineOf(script, '--set', 'compute.memoryCapacityGB=83');
  expect(smaller).toMatch(/^chance to fit: [34].*: most such jobs would need more than there is$/);
  expect(await lineOf(EXAMPLE)).toMatch(/^chance to fit: 9[5-9].*about what is predicted$/);
});

it('gives no time to what cannot be placed', async () => {
  const text = readFileSync(EXAMPLE, 'utf8').replace(
    '--swiglu',
    '--swiglu --num-experts 8 --moe-router-topk 2 --expert-model-parallel-size 16',
  );
  writeFileSync(join(folder, 'unplaceable.sh'), text);
  const { code, stdout } = await cosmic(folder, 'check', 'unplaceable.sh', '--no-faster', '--measured', '4s');
  expect(code).toBe(1);
  expect(stdout).toContain('cannot be placed');
  expect(stdout).not.toMatch(/step time|MFU|measured:/);
  const forPrograms = await cosmic(folder, 'check', 'unplaceable.sh', '--no-faster', '--measured', '4s', '--json');
  const { step, measured } = JSON.parse(forPrograms.stdout);
  expect(measured).toBeUndefined();
  expect(step).toMatchObject({ timeSeconds: null, tokensPerSecond: null, mfuFull: null, bottlenecks: [] });
  expect(step.hindrances.length).toBeGreaterThan(0);
  expect(step.outputs.memoryMB).toBeGreaterThan(0);
  expect(Object.keys(step.outputs).filter((name) => !name.endsWith('MB'))).toEqual([]);
});

it('says which file that a script sources may have what it lacks', async () => {
  writeFileSync(
    join(folder, 'sourcing.sh'),
    'source models/mine.sh\npython train.py $MODEL_ARGS --bf16 --micro-batch-size 1',
  );
  const { code, stderr } = await cosmic(folder, 'check', 'sourcing.sh');
  expect(code).toBe(2);
  expect(stderr).toContain('models/mine.sh is not read');
});

it('lists what it does not understand, and takes a model from beside the file', async () => {
  writeFileSync(
    join(folder, 'args.txt'),
    '--micro-batch-size 1\n--global-batch-size 64\n--frobnicate 3\n--bf16\n--lr 1\n--seq-length 4096\n',
  );
  const { code, stdout } = await cosmic(folder, 'check', 'args.txt', '--npus', '16', '--model', 'llama3-8b', '--json');
  const json = JSON.parse(stdout);
  expect(json.notUnderstood).toEqual(['--frobnicate']);
  expect(json.models[0].model).toBe('llama3-8b');
  expect(json.step.parameters['workload.dp']).toBe(16);
  expect(code).toBe(json.runs ? 0 : 1);
});

it.each([
  [
    'slip.sh',
    'torchrun --nproc_per_node 8 pretrain_gpt.py \\\n --tensor-model-paralel-size 4 \\\n --micro-batch-size 1 --global-batch-size 64 --bf16',
    ['--tensor-model-paralel-size', 2, '--tensor-model-parallel-size'],
  ],
  [
    'slip.json',
    '{ "train_batch_size": 64,\n "train_micro_batch_size_per_gpu": 1,\n "zero_optimisation": {\n "stage": 3 } }',
    ['zero_optimisation.stage', 4, 'zero_optimization.stage'],
  ],
  [
    'slip.yaml',
    'trainer: { devices: 8, num_nodes: 1 }\nmodel:\n  micro_batch_size: 1\n  global_batch_size: 64\n  tensor_model_parallel_sise: 4\n',
    ['model.tensor_model_parallel_sise', 5, 'model.tensor_model_parallel_size'],
  ],
])('says beside the verdict what a setting that nothing reads is likely to mean: %s', async (file, text, slip) => {
  writeFileSync(join(folder, file), text);
  const job = ['check', file, '--npus', '8', '--model', 'llama3-8b', '--no-faster'];
  const [name, line, meant] = slip;
  const { stdout } = await cosmic(folder, ...job);
  expect(stdout).toContain(`  ${name} (line ${line}): did you mean ${meant}?\n`);
  expect(stdout.indexOf('did you mean')).toBeLessThan(stdout.indexOf('\nmemory '));
  expect(JSON.parse((await cosmic(folder, ...job, '--json')).stdout).slips).toEqual([{ name, line, meant }]);
});

it('says where no change helps', async () => {
  writeFileSync(join(folder, 'hopeless.txt'), '--micro-batch-size 1\n--global-batch-size 1\n--bf16\n');
  const job = ['check', 'hopeless.txt', '--npus', '1', '--model', 'gpt3-175b'];
  const none = 'No change of up to three switches that the file can say makes it fit.';
  expect((await cosmic(folder, ...job)).stdout).toContain(`\n\n${none}\n`);
  expect((await cosmic(folder, ...job, '--no-faster')).stdout).not.toContain('No change');
  expect((await cosmic(folder, ...job, '--no-faster', '--write', 'x.sh')).stderr).toContain('leave --no-faster out');
});

it('shows faster configurations, and writes one back into the file alone', async () => {
  const { stdout } = await cosmic(
    folder,
    'check',
    EXAMPLE,
    '--backend',
    'cpu',
    '--write',
    'faster.sh',
    '--change',
    '2',
    '--json',
  );
  const { faster, step } = JSON.parse(stdout);
  expect(faster.length).toBe(10);
  const counts = faster.map(({ switches }: { switches: string[] }) => switches.length);
  expect(counts).toEqual([...counts].sort((a, b) => a - b));
  for (const { timeSeconds, sureness } of faster) {
    expect(timeSeconds).toBeLessThan(step.timeSeconds);
    expect(sureness.chance).toBeGreaterThanOrEqual(0.5);
  }
  const before = readFileSync(EXAMPLE, 'utf8').split('\n');
  const after = readFileSync(join(folder, 'faster.sh'), 'utf8').split('\n');
  const kept = after.filter((line) => before.includes(line));
  expect(after.length - kept.length).toBeLessThanOrEqual(4);
  const again = JSON.parse((await cosmic(folder, 'check', 'faster.sh', '--no-faster', '--json')).stdout);
  expect(again.step.timeSeconds).toBeCloseTo(faster[1].timeSeconds, 9);
});

it('a job that does not fit gets the nearest that run', async () => {
  const args = ['check', EXAMPLE, '--variable', 'TP=1', '--variable', 'PP=2', '--backend', 'cpu', '--json'];
  const { code, stdout } = await cosmic(folder, ...args);
  expect(code).toBe(1);
  const { faster, step } = JSON.parse(stdout);
  expect(step.memory.verdict).toBe('does not fit');
  expect(faster.length).toBeGreaterThan(0);
  for (const { memory } of faster) expect(memory.verdict).not.toBe('does not fit');
});

it('a job that is unlikely to fit gets the nearest that are likely to, with what they need less', async () => {
  const job = ['check', EXAMPLE, '--system', 'h100-sxm', '--variable', 'TP=2', '--backend', 'cpu'];
  const { step, faster } = JSON.parse((await cosmic(folder, ...job, '--json')).stdout);
  expect(step.memory.chanceToFit).toBeLessThan(0.5);
  expect(faster.length).toBeGreaterThan(0);
  for (const { memory } of faster) expect(memory.chanceToFit).toBeGreaterThan(0.75);
  const { stdout } = await cosmic(folder, ...job);
  expect(stdout).toMatch(/The nearest configurations that are likely to fit, fewest switches first:/);
  expect(stdout).toMatch(/of now {2}less memory \(GB\) {2}chance to fit \(%\)/);
});

it('says that the nearest fit by what is counted where none is likely to', async () => {
  const deepspeed = { train_batch_size: 256, train_micro_batch_size_per_gpu: 4, zero_optimization: { stage: 3 } };
  writeFileSync(join(folder, 'hair.json'), JSON.stringify(deepspeed));
  const job = ['check', 'hair.json', '--npus', '64', '--model', 'llama3-8b', '--backend', 'cpu'];
  const { stdout } = await cosmic(folder, ...job, '--set', 'compute.memoryCapacityGB=10');
  expect(stdout).toMatch(/The nearest configurations that fit by what is counted, fewest switches first:/);
});

it('lays layers that stages do not divide where it likes, and offers nothing that takes more of all', async () => {
  const lines = [
    'torchrun --nproc_per_node 4 --nnodes 64 pretrain_gpt.py --bf16 --use-distributed-optimizer --sequence-parallel',
    '--pipeline-model-parallel-size 8 --expert-model-parallel-size 32 --moe-token-dispatcher-type flex',
    '--micro-batch-size 1 --global-batch-size 2048 --seq-length 4096',
  ];
  writeFileSync(join(folder, 'v3.sh'), lines.join(' '));
  const job = ['check', 'v3.sh', '--system', 'gb200', '--model', 'deepseek-v3', '--backend', 'cpu', '--json'];
  const { violations, faster } = JSON.parse((await cosmic(folder, ...job)).stdout);
  expect(violations).toMatchObject([
    { rule: 'layers', says: expect.stringContaining('pipeline-model-parallel-layout') },
  ]);
  const laid = faster.flatMap((one: { settings: { name: string; values: string[] }[] }) =>
    one.settings.filter(({ name }) => name === '--pipeline-model-parallel-layout').map(({ values }) => values[0]),
  );
  expect(laid).toContain("'E(t*4|)*13(t*3|)*2t*3mL'");
  for (const [i, one] of faster.entries()) {
    const same = faster.slice(0, i).filter(({ switches }: typeof one) => switches.join() === one.switches.join());
    for (const before of same) expect(one.memory.usedMB).toBeLessThan(before.memory.usedMB);
  }
});

it('offers nothing that is rather slower than faster', async () => {
  const example = join(packageRoot, 'examples', 'configurations', 'torchtitan-llama3-8b.toml');
  const { faster } = JSON.parse(
    (await cosmic(folder, 'check', example, '--npus', '64', '--backend', 'cpu', '--json')).stdout,
  );
  expect(faster.length).toBeGreaterThan(0);
  for (const { sureness } of faster) expect(sureness.chance).toBeGreaterThanOrEqual(0.5);
});

it('offers no file twice, and no switch that earns nothing', async () => {
  const deepspeed = {
    train_batch_size: 256,
    train_micro_batch_size_per_gpu: 4,
    zero_optimization: { stage: 3, overlap_comm: true },
  };
  writeFileSync(join(folder, 'ds.json'), JSON.stringify(deepspeed));
  const args = ['check', 'ds.json', '--npus', '64', '--model', 'llama3-8b', '--backend', 'cpu', '--json'];
  const { faster } = JSON.parse((await cosmic(folder, ...args)).stdout);
  const files = faster.map(({ settings }: { settings: object }) => JSON.stringify(settings));
  expect(files.filter((file: string, i: number) => files.indexOf(file) !== i)).toEqual([]);
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter((file: string) => file.includes('overlap_comm'))).toEqual([]);
});

it.each([
  [
    'of the square of the hidden size where the trainer chooses',
    { stage: 3, reduce_bucket_size: 'auto' },
    2e-9 * 4096 ** 2,
  ],
  ['as large as the file says', { stage: 3, reduce_bucket_size: 2e8 }, 0.4],
  ['none where the file says so', { stage: 2, reduce_bucket_size: 0 }, 0],
  ['of their own size where nothing is sharded', { stage: 0, reduce_bucket_size: 2e8 }, 1],
])("DeepSpeed's buffers of gradients are %s, and the job has neighbours", async (_, zero, buffersGB) => {
  const deepspeed = { train_batch_size: 256, train_micro_batch_size_per_gpu: 4, zero_optimization: zero };
  writeFileSync(join(folder, 'buffers.json'), JSON.stringify(deepspeed));
  const job = ['check', 'buffers.json', '--npus', '64', '--model', 'llama3-8b', '--backend', 'cpu', '--json'];
  const { step, faster } = JSON.parse((await cosmic(folder, ...job)).stdout);
  expect(step.parameters['workload.reductionBufferGB']).toBeCloseTo(buffersGB, 9);
  expect(faster.length).toBeGreaterThan(1);
});

it('what export writes, check reads to the same numbers', async () => {
  const job = [
    '--system',
    'h100-sxm',
    '--software',
    'megatron-core',
    '--model',
    'llama3-8b',
    '--set',
    'system.npus=64',
  ];
  const design = [...job, '--set', 'workload.tp=2', '--set', 'workload.microBatch=1', '--set', 'workload.batch=256'];
  const { outputs } = JSON.parse((await cosmic(folder, 'simulate', ...design, '--json')).stdout);
  await cosmic(folder, 'export', ...design, '--format', 'megatron', '--out', 'exported.sh');
  const { step } = JSON.parse((await cosmic(folder, 'check', 'exported.sh', '--no-faster', '--json')).stdout);
  expect(step.outputs).toEqual(outputs);
});

it('tells what would explain a measured step', async () => {
  const args = ['check', EXAMPLE, '--system', 'h100-sxm', '--no-faster'];
  const { measured, step } = JSON.parse((await cosmic(folder, ...args, '--measured', '30s', '--json')).stdout);
  expect(measured.ratio).toBeCloseTo(30 / step.timeSeconds, 9);
  const changes = measured.explaining.map(({ now, wouldBe }: { now: number; wouldBe: number }) =>
    Math.abs(Math.log(wouldBe / now)),
  );
  expect(changes).toEqual([...changes].sort((a, b) => a - b));
  const { stdout } = await cosmic(folder, ...args, '--measured', `${step.timeSeconds}s`);
  expect(stdout).toContain(': as predicted');
});
