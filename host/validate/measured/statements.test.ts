/** What is read out of the words of a row. */
import { expect, it } from 'vitest';
import { loadSoftware } from '../../../psa/software.js';
import { isHybrid, withShape } from './hybrids.js';
import { overridesOf } from './overrides.js';
import { prepareRow, Systems } from './prediction.js';
import { withRecipe } from './recipes.js';
import { trainingRow } from './row.js';
import { installationOf } from './runs.js';
import { stated } from './statements.js';

const cells = {
  ...{ id: 'a', source: 'b', gpu: 'h100-80g', gpus: '8', hidden: '1024', ffn: '4096', layers: '6', heads: '8' },
  ...{ seq: '2048', vocab: '32000', tp: '1', pp: '8', dp: '1', global_batch: '64' },
};

const row = (more: Record<string, string>) => trainingRow.parse({ ...cells, ...more });

it.each([
  ['CP all-to-all (Ulysses style)', ['workload.contextExchange=allToAll']],
  ['attention sequence parallel 8 (all-to-all, shown as cp)', ['workload.contextExchange=allToAll']],
  ['token dropping, capacity factor 1.25; remat custom', ['workload.expertCapacity=1.25']],
  ['expert capacity padded to 1.0, plain all-to-all', ['workload.expertCapacity=1.0']],
  ['dropless; routing force-balanced', ['workload.expertLoad=1']],
  ['first and last stage one layer less', ['workload.embeddingLayers=1', 'workload.headLayers=1']],
  ['Jean Zay; 4x100 Gb/s Omni-Path per node; ALiBi', ['network.bandwidthGBps[1]=6.25']],
  [
    'weights in half precision alone',
    ['workload.masterWeightBytes=0', 'workload.momentBytes=2', 'workload.mainGradientBytes=2'],
  ],
  ['weights in bf16; gradients reduced in half precision', ['workload.gradientBytes=2']],
  ['dropless', []],
  ['DeepEP; 1F1B EP overlap on', []],
  ['experts routed to at most 4 nodes', []],
  ['precision ambiguous (FP8 or NVFP4); CUDA graphs', ['workload.precision=fp8', 'compute.hostLaunchUs=0']],
  [
    'configs b200.sh, b200_fp4.sh; precision ambiguous (FP8 or NVFP4); CUDA graphs',
    ['workload.precision=nvfp4', 'compute.hostLaunchUs=0'],
  ],
  ['configs b200.sh, b200_fp4.sh; precision ambiguous (FP8 or NVFP4)', ['workload.precision=fp8']],
  ['tp reduce-scatter mode with async comm', ['workload.tensorOverlap=on']],
])('%s', (notes, set) => {
  expect(stated(row({ notes })).flatMap((one) => one.set)).toEqual(set);
});

it.each([
  ['fp16', 2],
  ['bf16', 6],
])("gradients of Megatron-DeepSpeed in %s are DeepSpeed's", (precision, bytes) => {
  const { set } = stated(row({ precision, framework_version: 'Megatron-DeepSpeed (BigScience), 2022' }))[0]!;
  expect(set).toEqual([`workload.mainGradientBytes=${bytes}`]);
});

it('configurations of maxtext-slurm have no weights in single precision', () => {
  const sets = (framework_version: string) => stated(withRecipe(row({ model: 'DeepSeek-V3', framework_version })));
  expect(sets('MaxText, NVIDIA jax 26.03').flatMap(({ set }) => set)).toEqual(
    expect.arrayContaining(['workload.momentBytes=2', 'compute.programShare=0.93']),
  );
  expect(sets('MaxText')).toEqual([]);
});

it("Megatron-LM's own arguments sum bf16's gradients in single precision, and keep weights beside their copies in fp8", () => {
  const sets = (precision: string) =>
    stated(row({ precision, framework_version: 'Megatron-Core, Megatron-LM 4af25fe' })).flatMap(({ set }) => set);
  expect(sets('bf16')).toEqual(['workload.gradientBytes=4', 'workload.mainGradientBytes=4']);
  expect(sets('fp8-block')).toContain('workload.weightCopies=2');
  expect(sets('fp16')).toEqual([]);
});

it('experts that are recomputed without their exchanges, and all of attention', () => {
  const notes = 'recompute modules attn+layernorm+moe_expert';
  const set = overridesOf(row({ experts: '8', recompute: 'selective', notes }));
  for (const module of ['Norms', 'UpProjections', 'ExpertProducts'])
    expect(set).toContain(`workload.recompute${module}=on`);
  expect(set).not.toContain('workload.recomputeExperts=on');
});

it('graphs leave the host its launches where they hold no experts, and none where they hold a whole step', () => {
  const set = (notes: string) => stated(row({ experts: '256', notes })).flatMap((one) => one.set);
  expect(set('CUDA graphs attn+moe_router+moe_preprocess')).toEqual([]);
  expect(set('CUDA graphs of a whole step')).toEqual(['compute.hostLaunchUs=0']);
});

it.each([
  ['nvfp4', 'Llama3-70B', '2', true],
  ['mxfp8', 'Llama3-70B', '2', false],
  ['mxfp8', 'Nemotron-3-Super', '2', true],
  ['fp8-cs', 'DeepSeek-V3', '2', true],
  ['nvfp4', 'Llama3-70B', '1', false],
])('recipes of Megatron-Bridge, %s, %s, tp %s: tensor-parallel traffic alone: %s', (precision, model, tp, alone) => {
  const run = { precision, model, tp, pp: `${8 / Number(tp)}` };
  const version = 'NeMo 26.04 / Megatron-Bridge v0.4.0';
  const set = stated(row({ ...run, framework_version: version })).flatMap((one) => one.set);
  expect(set.includes('workload.tensorOverlap=off')).toBe(alone);
  expect(stated(row(run))).toEqual([]);
});

it('what ran before FlashAttention-2 was published runs at half its rate, on chips that it does not use to the full', () => {
  const set = (more: Record<string, string>) => stated(row(more)).flatMap((one) => one.set);
  const { defaults } = loadSoftware('fsdp2');
  const half = defaults.get('compute.synchronousAttention')![0]! / 2;
  expect(set({ framework_version: 'MLPerf v3.0' })).toEqual([`compute.synchronousAttention=${half}`]);
  expect(set({ framework_version: 'MLPerf v3.0', gpu: 'a100-80g' })).toEqual([]);
  expect(set({ framework_version: 'MLPerf v3.1' })).toEqual([]);
});

it('tokens of a gate that is fake and balanced go to neighbouring experts', () => {
  const set = (more: Record<string, string>) =>
    stated(row({ notes: 'fake balanced routing', ...more })).flatMap((one) => one.set);
  expect(set({ experts: '256', top_k: '8' })).toEqual(['model.neighbouringExperts=true', 'workload.expertLoad=1']);
  // Its recipes say so where a row does not.
  const run = { framework_version: 'NeMo AutoModel main', model: 'GPT-OSS-120B', experts: '128' };
  const released = withRecipe(row({ ...run, notes: 'TE grouped linear' }));
  expect(stated(released).flatMap((one) => one.set)).toContain('model.neighbouringExperts=true');
  // Of a hybrid, whose experts no column counts but its name; 22 of 512 fill no groups.
  expect(set({ experts: '512', top_k: '22' })).toContain('model.neighbouringExperts=true');
});

it('biases and rotations of AutoModel are where its backend has them', () => {
  const set = (more: Record<string, string>) => stated(row(more)).flatMap((one) => one.set);
  const biased = { model: 'GPT-OSS-120B', experts: '128' };
  expect(set({ ...biased, notes: 'TE grouped linear' })).toEqual(['workload.expertBiasKernel=fused']);
  expect(set({ ...biased, notes: 'MXFP8 expert GEMMs only, TE' })).toEqual(['workload.expertBiasKernel=fused']);
  expect(set({ ...biased, notes: 'TE + DeepEP + FlexAttn' })).toEqual([]);
  expect(set({ gpu: 'gb200', notes: 'compiled SDPA MLA + torch_mm experts' })).toEqual(['workload.rotaryKernel=fused']);
});

it('mixtures of AutoModel gather weights and reduce gradients once a step, but those of Nemotron 3 Super and Ultra', () => {
  const set = (more: Record<string, string>) =>
    stated(
      withRecipe(
        row({
          framework_version: 'NeMo AutoModel main',
          gpus: '8',
          tp: '1',
          pp: '1',
          dp: '8',
          cp: '1',
          notes: '',
          ...more,
        }),
      ),
    ).flatMap((one) => one.set);
  const once = ['workload.reshardAfter=step', 'workload.gradientSync=step'];
  const sums = 'workload.gradientAccumulation=unfused';
  const mixture = { experts: '128', ep: '8', model: 'Qwen3-30B-A3B', micro_batch: '4' };
  expect(set({ ...mixture, global_batch: '512' })).toEqual(
    expect.arrayContaining([...once, sums, 'workload.mainGradientBytes=2']),
  );
  expect(set({ ...mixture, global_batch: '32' })).not.toContain(sums);
  // Of experts that are sharded over replicas, too, FSDP sums the gradients.
  expect(set({ ...mixture, global_batch: '512', ep: '4' })).not.toContain('workload.mainGradientBytes=2');
  expect(set({ model: 'Nemotron-3-Nano' })).toEqual(expect.arrayContaining(once));
  const halves = ['workload.masterWeightBytes=0', 'workload.momentBytes=2'];
  expect(set(mixture)).toEqual(expect.arrayContaining(halves));
  for (const model of ['Nemotron-3-Super', 'Nemotron-3-Ultra', 'Llama3-70B']) {
    expect(set({ model })).not.toContain('workload.gradientSync=step');
  }
});

it.each([
  ['NeMo 24.03.01', '', 'fp8Delayed'],
  ['MLPerf v4.1', 'tp comm overlap True', 'fp8Delayed'],
  ['DGXC benchmarking 25.02 (NeMo 24.12, MaxText 25.01)', '', 'fp8Delayed'],
  ['Megatron-LM main (2025)', 'GA 32; fp8 hybrid', 'fp8Delayed'],
  ['MLPerf v5.1', '', 'fp8'],
  ['DGXC benchmarking 25.05 (NeMo 25.02/25.04)', '', 'fp8'],
])('fp8 of %s has scales of before where no others were known then', (framework_version, notes, format) => {
  const shape = { hidden: '4096', ffn: '14336', layers: '32', heads: '32' };
  const run = row({ ...shape, framework_version, notes, precision: 'fp8' });
  expect(overridesOf(run)).toContain(`workload.precision=${format}`);
  expect(overridesOf({ ...run, precision: 'fp8-cs' })).toContain('workload.precision=fp8');
});

it('rows of an ablation have what the rows before them add', () => {
  const set = (change: string) => stated(row({ framework_version: `ablation: ${change}` })).flatMap((one) => one.set);
  const pieces = loadSoftware('megascale').defaults.get('workload.tensorPipelining')![0]!;
  const tensors = ['model.parallelBlock=true', 'workload.tensorOverlap=on', `workload.tensorPipelining=${pieces}`];
  expect(set('Megatron-LM baseline')).toEqual([]);
  expect(set('+ parallel block')).toEqual(['model.parallelBlock=true']);
  expect(set('+ sliding-window attention')).toEqual(['model.parallelBlock=true']);
  expect(set('+ TP overlap')).toEqual(tensors);
  expect(set('+ PP overlap')).toEqual([...tensors, 'workload.pipelineOverlap=on']);
  for (const last of ['+ DP overlap', '+ efficient operators', '+ misc']) {
    expect(set(last)).toEqual([...tensors, 'workload.pipelineOverlap=on', 'workload.gradientOverlap=on']);
  }
});

const NANOTRON_LAUNCH_US = loadSoftware('nanotron').defaults.get('compute.hostLaunchUs')![0]!;

const job = (inside: number) => `NCCL all-reduce measured in the job GB/s 13.0/6.5/6.4, intra-node ${inside}/240/240`;

// 64 nodes; 16 of them to a stage, or two to a group of tensors.
it.each([
  ['a good host', 458.1, { gpus: '512', pp: '4', tp: '8', dp: '16' }, [6.5, 1]],
  ['the hops of a group', 424.5, { gpus: '512', pp: '4', tp: '16', dp: '8' }, [22.5, 0.4 + 0.64 * 16 + 0.078 * 16]],
  [
    'whole buffers of ZeRO-1',
    424.5,
    { gpus: '512', pp: '4', tp: '4', dp: '32', weight_sharding: 'zero1' },
    [13, 0.4 + 0.64 * 4],
  ],
])('%s of nanotron', (_, inside, more, [gbps, launchShare]) => {
  const set = stated(row({ ...more, notes: job(inside) })).flatMap((one) => one.set);
  expect(set).toEqual([
    `network.bandwidthGBps[1]=${gbps}`,
    'network.efficiency[1]=1',
    `compute.hostLaunchUs=${NANOTRON_LAUNCH_US * launchShare!}`,
  ]);
});

it('counts the head of nanotron where layers are shared out, and waits between stages of several nodes before the fix', () => {
  const notes = "1F1B; before the source's pipeline fix; untied embedding";
  const setOf = (more: Record<string, string>) =>
    stated(row({ framework_version: 'nanotron, 2024-25', notes, ...more })).flatMap((one) => one.set);
  // 32000 / (4 · 1024 + 3 · 4096)
  const headLayers = 'workload.headLayers=1.953125';
  expect(setOf({ gpus: '16', dp: '2' })).toEqual(['compute.hostMicroBatchUs=440000', headLayers]);
  expect(setOf({ gpus: '8', dp: '1' })).toEqual([headLayers]);
  expect(stated(row({ framework_version: 'nanotron, 2024-25', notes, pp: '1', dp: '8' }))).toEqual([]);
});

it('has stages of nanotron wait where the links of a node are slow, and no others after the fix', () => {
  const waits = (insideGBps: string) =>
    stated(
      row({
        framework_version: 'nanotron, 2024-25',
        notes: `intra-node ${insideGBps}/242.6; after the source's pipeline fix`,
      }),
    )
      .flatMap((one) => one.set)
      .includes('compute.hostMicroBatchUs=440000');
  expect(waits('45.44')).toBe(true);
  expect(waits('425.85')).toBe(false);
});

it('tells the host of a job of nanotron by what its node reaches: jobs between 432 and 439 GB/s there are none', () => {
  const launchOf = (insideGBps: string) =>
    stated(
      row({
        framework_version: 'nanotron, 2024-25',
        notes: `intra-node ${insideGBps}/242.6`,
        tp: '4',
        pp: '1',
        dp: '2',
      }),
    )
      .flatMap((one) => one.set)
      .find((one) => one.startsWith('compute.hostLaunchUs'));
  expect(launchOf('439.25')).toBe(`compute.hostLaunchUs=${NANOTRON_LAUNCH_US}`);
  expect(Number(launchOf('432.14')!.split('=')[1]) / NANOTRON_LAUNCH_US).toBeCloseTo(0.4 + 0.64 * 4);
});

it.each([
  ['schedule 1F1B', '1', '1f1b'],
  ['schedule 1F1B-I', '3', 'interleaved'],
  ['schedule ZB-1p', '1', 'zbH1'],
  ['schedule ZB-2p', '1', 'zbH2'],
  ['schedule ZB-V', '2', 'zbV'],
  ['HAI-LLM, DualPipe', '1', 'dualPipe'],
])('%s with %s virtual stages is %s', (framework_version, virtual_stages, schedule) => {
  const overrides = overridesOf(row({ framework_version, virtual_stages }));
  expect(overrides).toContain(`workload.pipelineSchedule=${schedule}`);
});

it.each([
  ['Nemotron-3-Super', '', true],
  ['Nemotron-3-5-Lightning', '', true],
  ['Nemotron-H-56B', '', true],
  ['Codestral-Mamba', '', true],
  ['a model', 'hybrid Mamba-2/attention/MLP', true],
  ['Nemotron3-8B', '', false],
  ['Nemotron-3-8B', '', false],
  ['Nemotron4-15B', '', false],
])('%s, %s: has state-space layers: %s', (model, notes, hybrid) => {
  expect(isHybrid(row({ model, notes }))).toBe(hybrid);
});

it('GPT-OSS has biases and windows that no column says', () => {
  const overrides = overridesOf(row({ model: 'GPT-OSS-120B', experts: '128', top_k: '4' }));
  expect(overrides).toEqual(expect.arrayContaining(['model.mlpBias=true', 'model.window=128', 'model.globalEvery=2']));
  expect(overridesOf(row({ model: 'GPT3-175B' }))).not.toContain('model.mlpBias=true');
});

it('GPT-OSS in Megatron-Core is rotated by an operation each', () => {
  const setOf = (framework_version: string, model = 'GPT-OSS-120B') =>
    stated(row({ framework_version, model })).flatMap((one) => one.set);
  const rotated = 'workload.rotaryKernel=operations';
  expect(setOf('NeMo 26.06 / Megatron-Bridge v0.5.0')).toEqual([rotated]);
  expect(setOf('NeMo 26.06 / Megatron-Bridge v0.5.0', 'Qwen3-30B-A3B')).toEqual([]);
});

it('takes GPUs of one machine whose links are not stated to be linked by PCI Express', () => {
  const notes = '4xA100 in one machine, interconnect not stated; micro-batch and recompute not published';
  expect(stated(row({ framework_version: 'PyTorch (not stated)', notes })).flatMap((one) => one.set)).toEqual([
    'network.bandwidthGBps[0]=31.5',
  ]);
});

const released = (more: Record<string, string>) => withRecipe(row({ model: 'DeepSeek-V3', ep: '8', ...more }));

it('what a release does by its recipes is read as if the row said it', () => {
  const dropless = { framework_version: 'NeMo 25.09 / Megatron-Bridge v0.1.0rc4', notes: 'dropless' };
  const hopper = released(dropless);
  expect(hopper.recompute).toBe('selective');
  expect(stated(hopper).flatMap((one) => one.set)).toEqual([
    'workload.expertDispatch=byNode',
    'workload.expertOverlap=on',
  ]);
  expect(overridesOf(hopper)).toContain('workload.recomputeUpProjections=on');
  const blackwell = released({ gpu: 'gb200', framework_version: 'DGXC benchmarking 25.05 (NeMo 25.02/25.04)' });
  expect(stated(blackwell).flatMap((one) => one.set)).toContain('workload.attention=unfused');
});

it('what a table prints stands, whatever its recipe has', () => {
  const printed = { gpu: 'b200-180g', ep: '8', micro_batch: '4', virtual_stages: '1' };
  const one = released({ framework_version: 'NeMo / Megatron-Bridge v0.2.0', model: 'GPT-OSS-120B', ...printed });
  expect(one).toMatchObject({ ep: 8, micro_batch: 4, virtual_stages: 1, recompute: 'selective' });
});

it('a sweep whose scripts say its micro-batches and recomputation is read as they say, where its table is empty', () => {
  const sweep = { framework_version: 'PyTorch (not stated)', model: 'Llama2-7B', notes: 'batch 128 from uci_train.py' };
  expect(released(sweep)).toMatchObject({ micro_batch: 1, recompute: 'none', sequence_parallel: false });
  expect(released({ ...sweep, micro_batch: '2', recompute: 'full' })).toMatchObject({
    micro_batch: 2,
    recompute: 'full',
  });
  expect(released({ ...sweep, notes: '' }).micro_batch).toBeUndefined();
  const primus = { framework_version: 'Primus (Megatron backend, torch FSDP2)', model: 'Llama3-70B', gpu: 'mi325x' };
  expect(released(primus).recompute).toBe('full');
});

it('a row keeps what it says itself, and other releases and models are left as they are', () => {
  const version = 'NeMo 25.11 / Megatron-Bridge v0.2.0';
  expect(released({ gpu: 'gb200', framework_version: version }).notes).toContain('hybridep');
  expect(released({ gpu: 'b200-180g', framework_version: version }).notes).toBe('');
  expect(released({ gpu: 'gb200', framework_version: version, model: 'GPT-OSS-120B' }).notes).toBe('');
  const said = 'recompute/graph settings from its recipe';
  expect(released({ gpu: 'gb200', framework_version: version, notes: said }).notes).toBe(said);
  const layout = { framework_version: 'Megatron-Core (early 2025), MCore', model: 'Mixtral-8x22B-G8T8' };
  const degrees = { gpus: '16', tp: '2', pp: '8', ep: '8' };
  expect(released({ ...layout, ...degrees, etp: '2' }).virtual_stages).toBe(1);
  expect(released({ ...layout, ...degrees, etp: '1' }).virtual_stages).toBeUndefined();
  const full = {
    framework_version: 'NeMo 25.09 / Megatron-Bridge v0.1.0rc4',
    recompute: 'full',
    model: 'Qwen3-30B-A3B',
  };
  expect(released(full).recompute).toBe('full');
});

const hybrid = (model: string, more: Record<string, string> = {}) => withShape(withRecipe(row({ model, ...more })));

it('a hybrid has the shape that its name says, and layers that predict later tokens where its runs have', () => {
  const nano = hybrid('Nemotron-3-Nano');
  expect(nano).toMatchObject({ layers: 52, experts: 128, top_k: 6, vocab: 131072 });
  expect(overridesOf(nano)).toEqual(
    expect.arrayContaining([
      'model.layerPattern=MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME',
      'model.stateHeads=64',
    ]),
  );
  expect(overridesOf(nano).some((one) => one.startsWith('model.mtpLayers'))).toBe(false);
  expect(overridesOf(hybrid('Nemotron-3-5-Lightning'))).toContain('model.mtpLayers=2');
  expect(overridesOf(hybrid('Nemotron-3-Super'))).toContain('model.mtpLayers=2');
  expect(overridesOf(hybrid('Nemotron-3-Super', { framework_version: 'NeMo AutoModel main' }))).toContain(
    'model.mtpLayers=0',
  );
});

it('graphs of parts leave the host of a hybrid on a rack what lies between them', () => {
  const version = { gpu: 'gb200', framework_version: 'NeMo 26.08 / Megatron-Bridge v0.6.0' };
  const place = { file: 'rows.csv', line: 2 };
  expect(installationOf(hybrid('Nemotron-3-Nano', version), {}, place).software).toBe('megatron-core');
  const qwen = hybrid('Qwen3-30B-A3B', { ...version, experts: '128', top_k: '8' });
  expect(installationOf(qwen, {}, place).software).toBe('megatron-bridge');
});

it('a hybrid whose shape is not public is not taken for a transformer', () => {
  const read = { row: { ...row({ model: 'Codestral-Mamba' }), iteration_s: 1 }, file: 'rows.csv', line: 2 };
  const installation = installationOf(read.row, {}, read);
  expect(() => prepareRow(read, installation, new Systems().get(installation), [])).toThrow(/not public/);
});

it('products in single precision are refused: they were taken for half precision', () => {
  expect(() => overridesOf(row({ precision: 'fp32' }))).toThrow('single precision');
});
