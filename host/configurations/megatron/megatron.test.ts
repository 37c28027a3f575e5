import { describe, expect, it } from 'vitest';
import { allParameters } from '../../../kernels/workload/modelSize.js';
import { compileDesign, loadDefault } from '../../../psa/defaults.js';
import { loadModel } from '../../../psa/model.js';
import { listPresets } from '../../../psa/presets.js';
import type { ModelPhase } from '../../../psa/space.js';
import { violations } from '../legality.js';
import { readConfiguration } from '../readConfiguration.js';
import { MEGATRON, megatronArguments } from './megatron.js';
import { layoutLayers } from './stageRows.js';

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
    const apart = argumentsOf('mixtral-8x7b', 'workload.ep=8', 'workload.etp=1', 'workload.expertCapacity=1.25');
    expect(apart).toEqual(expect.arrayContaining(['--expert-tensor-parallel-size 1']));
    expect(apart).toContain('--moe-expert-capacity-factor 1.25');
    expect(argumentsOf('gpt3-175b', 'workload.axisOrder=tp-sp-ep-pp-dp')).toContain('--use-tp-pp-dp-mapping');
  });

  it('writes the model that was simulated', () => {
    const llama = argumentsOf('llama3-70b', 'workload.pp=8', 'workload.dp=16');
    expect(llama).toEqual(
      expect.arrayContaining([
        '--normalization RMSNorm',
        '--position-embedding-type rope',
        '--untie-embeddings-and-output-weights',
        '--disable-bias-linear',
        '--hidden-dropout 0',
      ]),
    );
    const gpt = argumentsOf('gpt3-175b');
    expect(gpt).toEqual(
      expect.arrayContaining(['--normalization LayerNorm', '--position-embedding-type learned_absolute']),
    );
    expect(gpt.join()).not.toContain('dropout');
  });

  /** The model that arguments describe: fields of ours, read from the flags as Megatron-LM's own parser has them. */
  function modelOf(flags: readonly string[], phase: ModelPhase): ModelPhase {
    const given = new Map(flags.map((flag) => flag.split(/ (.*)/s).slice(0, 2) as [string, string | undefined]));
    const has = (name: string): boolean => given.has(`--${name}`);
    const number = (name: string, otherwise = 0): number => Number(given.get(`--${name}`) ?? otherwise);
    const [hidden, heads] = [number('hidden-size'), number('num-attention-heads')];
    const latent = has('multi-latent-attention');
    const ropeDim = number('qk-pos-emb-head-dim');
    const headDim = latent ? number('qk-head-dim') + ropeDim : number('kv-channels', hidden / heads);
    const routed = JSON.parse(given.get('--moe-layer-freq') ?? '[1]') as number[];
    const leadingDense = routed.indexOf(1);
    const learnedPositions = given.get('--position-embedding-type') === 'learned_absolute';
    const biases = !has('disable-bias-linear');
    return {
      ...phase,
      layers: number('num-layers'),
      hidden,
      heads,
      headDim,
      ffn: number(has('num-experts') ? 'moe-ffn-hidden-size' : 'ffn-hidden-size'),
      denseFfn: number('ffn-hidden-size'),
      kvHeads: has('group-query-attention') ? number('num-query-groups') : heads,
      valueDim: latent ? number('v-head-dim') : headDim,
      queryRank: number('q-lora-rank'),
      kvRank: number('kv-lora-rank'),
      ropeDim,
      vocab: number('vocab-size') + 1,
      gated: has('swiglu'),
      tiedEmbeddings: !has('untie-embeddings-and-output-weights'),
      attentionBias: biases ? 'all' : has('add-qkv-bias') ? 'qkv' : 'none',
      mlpBias: biases,
      qkNorm: has('qk-layernorm') ? 'head' : 'none',
      attentionGate: has('attention-output-gate'),
      norm: given.get('--normalization') === 'LayerNorm' ? 'layer' : 'rms',
      dropout: !has('hidden-dropout'),
      learnedPositions,
      positions: learnedPositions ? number('max-position-embeddings') : 0,
      experts: number('num-experts', 1),
      expertsPerToken: number('moe-router-topk', 1),
      sharedFfn: number('moe-shared-expert-intermediate-size'),
      leadingDense,
      mixtureEvery: routed.indexOf(1, leadingDense + 1) < 0 ? 1 : routed.indexOf(1, leadingDense + 1) - leadingDense,
      mtpLayers: number('mtp-num-layers'),
    };
  }

  it.each(listPresets('models'))('writes arguments that read back are %s, if it can be written', (name) => {
    const space = compileDesign(
      loadDefault('cosmic-1024', name, ['workload.pp=1', 'workload.sp=1', 'workload.dp=128', 'workload.tp=8']),
    );
    const [phase] = space.workload.phases as [ModelPhase];
    let flags: string[];
    try {
      flags = megatronArguments(space, space.fixed);
    } catch (error) {
      // What it cannot say, it refuses by name.
      expect(error).toMatchObject({ code: 'ARGUMENT', message: expect.stringContaining('Megatron-LM') });
      return;
    }
    const back = modelOf(flags, phase);
    // Models of GPT's kind have norms with shifts, which count little; all else is the same.
    expect({ ...back, norm: phase.norm }).toEqual(phase);
  });

  it('writes latent attention, mixtures behind dense layers, and layers that predict a later token', () => {
    const flags = argumentsOf('deepseek-v3', 'model.layers=64', 'workload.ep=8');
    expect(flags).toEqual(
      expect.arrayContaining([
        '--multi-latent-attention',
        '--q-lora-rank 1536',
        '--kv-lora-rank 512',
        '--qk-head-dim 128',
        '--qk-pos-emb-head-dim 64',
        '--v-head-dim 128',
        '--ffn-hidden-size 18432',
        '--moe-ffn-hidden-size 2048',
        '--moe-shared-expert-intermediate-size 2048',
        `--moe-layer-freq [0,0,0${',1'.repeat(61)}]`,
        '--mtp-num-layers 1',
      ]),
    );
    expect(flags.join()).not.toContain('--num-query-groups');
  });

  it('writes tied embeddings, biases and norms of queries and keys where the model has them', () => {
    const stages = ['workload.pp=8', 'workload.dp=16'];
    const biased = argumentsOf('llama3.2-1b', ...stages, 'model.attentionBias=all', 'model.mlpBias=true');
    expect(biased.join()).not.toMatch(/untie|disable-bias/);
    expect(
      argumentsOf('llama3.2-1b', ...stages, 'model.attentionBias=qkv', 'model.qkNorm=head', 'model.attentionGate=true'),
    ).toEqual(
      expect.arrayContaining(['--disable-bias-linear', '--add-qkv-bias', '--qk-layernorm', '--attention-output-gate']),
    );
  });

  it('writes what overlaps, and how the sequence is shared', () => {
    const on = ['gradientOverlap', 'tensorOverlap', 'sequenceParallel'].map((name) => `workload.${name}=on`);
    const overlapped = argumentsOf('gpt3-175b', ...on, 'workload.weightSharding=zero1');
    expect(overlapped).toEqual(
      expect.arrayContaining(['--overlap-grad-reduce', '--overlap-param-gather', '--tp-comm-overlap']),
    );
    const off = argumentsOf('gpt3-175b', 'workload.gradientOverlap=off', 'workload.tensorOverlap=off');
    expect(off.join()).not.toContain('overlap');
    const context = (...set: string[]) => argumentsOf('gpt3-175b', 'workload.sp=4', 'workload.dp=2', ...set);
    expect(context()).toContain('--cp-comm-type all_gather');
    expect(context('workload.contextExchange=ring')).toContain('--cp-comm-type p2p');
    expect(context('workload.contextExchange=twoLevel', 'workload.contextInner=2')).toContain(
      '--hierarchical-context-parallel-sizes 2 2',
    );
  });

  it('writes 126 layers on 16 stages as the simulator lays them', () => {
    const layoutOf = (...of: Parameters<typeof argumentsOf>) =>
      argumentsOf(...of).filter((flag) => flag.startsWith('--pipeline-model-parallel-layout'));
    expect(layoutOf('llama3-405b')).toEqual(["--pipeline-model-parallel-layout 'E(t*8|)*14t*7|t*7L'"]);
  });

  it('writes model chunks that layers are no multiple of, and where layers are that predict later tokens', () => {
    const interleaved = ['workload.pipelineSchedule=interleaved', 'workload.virtualStages=2', 'workload.ep=1'];
    const written = argumentsOf('deepseek-v3', ...interleaved, 'workload.pp=8', 'workload.dp=128', 'workload.tp=1');
    expect(written).toContain("--pipeline-model-parallel-layout 'E(t*4|)*13(t*3|)*2t*3mL'");
    expect(layoutLayers('E(t*4|)*13(t*3|)*2t*3mL', 't')).toEqual([...new Array<number>(13).fill(4), 3, 3, 3]);
  });

  it.each([
    ['gpt3-175b', 'workload.axisOrder=dp-tp-sp-ep-pp', /axes laid as/],
    ['gpt3-175b', 'workload.pipelineSchedule=gpipe', /GPipe/],
    ['gpt3-175b', 'workload.pipelineSchedule=zbV', /the schedule zbV/],
    ['gpt3-175b', 'model.batch=2052', /a micro-batch of 256.5/],
    ['vit-large', 'model.layers=32', /vision transformer/],
    ['gpt-j-6b', 'model.layers=32', /attention and MLP beside one another/],
    ['gemma3-27b', 'model.layers=64', /4 norms a layer/],
    ['gpt-oss-20b', 'model.layers=32', /local layers/],
  ])('refuses %s with %s', (model, set, message) => {
    expect(() => argumentsOf(model, set)).toThrow(message);
  });
});

it('reads the gate and the windows of GPT-OSS, and says what of a hybrid is not simulated', () => {
  const read = (flags: string) => {
    const job = `--num-layers 24 --hidden-size 2880 --num-attention-heads 64 --kv-channels 64 --seq-length 4096 --max-position-embeddings 4096 --micro-batch-size 1 --global-batch-size 8 --bf16`;
    const file = MEGATRON.parse(`torchrun --nproc_per_node 8 pretrain_gpt.py ${job} ${flags}\n`, 'run.sh', new Map());
    return readConfiguration(MEGATRON, file, { system: 'h100-sxm' });
  };
  const { facts, notUnderstood } = read(
    '--quick-geglu --window-size 128,0 --window-attn-skip-freq 2 --softmax-type learnable',
  );
  expect(facts.model).toMatchObject({ gated: true, window: 128, globalEvery: 2 });
  expect(notUnderstood).toEqual([]);
  expect(read("--window-size '(-1,-1)'").facts.model.window).toBe(0);
  expect(read('--hybrid-attention-ratio 0.1').notes).toContain(
    '--hybrid-attention-ratio is not simulated: layers have a state where --hybrid-layer-pattern says so, else attention and an MLP',
  );
});

describe('a hybrid of linear attention', () => {
  // Sizes as Megatron-Bridge's Qwen3NextModelProvider80B_A3B has them, with the arguments of Megatron-LM that they are.
  const SIZES = `--num-layers 48 --hidden-size 2048 --ffn-hidden-size 5120 --num-attention-heads 16 --group-query-attention
    --num-query-groups 2 --kv-channels 256 --qk-layernorm --attention-output-gate --num-experts 512 --moe-router-topk 10 --moe-ffn-hidden-size 512
    --moe-shared-expert-intermediate-size 512 --normalization RMSNorm --swiglu --disable-bias-linear --untie-embeddings-and-output-weights
    --attention-dropout 0 --hidden-dropout 0 --vocab-size 151936 --make-vocab-size-divisible-by 1 --position-embedding-type rope`;
  const JOB = '--seq-length 4096 --max-position-embeddings 4096 --micro-batch-size 1 --global-batch-size 64 --bf16';
  const DEGREES = [
    'workload.pp=4',
    'workload.sp=1',
    'workload.dp=128',
    'workload.tp=2',
    'workload.ep=8',
    'workload.axisOrder=tp-sp-ep-dp-pp',
  ];
  const LINEAR = '--experimental-attention-variant gated_delta_net --linear-attention-freq';
  const read = (flags: string, npus = 8) => {
    const text = `torchrun --nproc_per_node ${npus} pretrain_gpt.py ${SIZES} ${JOB} ${flags}\n`.replaceAll(/\s+/g, ' ');
    return readConfiguration(MEGATRON, MEGATRON.parse(text, 'run.sh', new Map()), { system: 'h100-sxm' });
  };
  const [preset] = loadModel('qwen3-next-80b-a3b').phases as [ModelPhase];

  it.each([
    ['4', '(ME)(ME)(ME)(*E)'.repeat(12)],
    [`'${Array.from({ length: 12 }, () => '[1]*3+[0]').join('+')}'`, '(ME)(ME)(ME)(*E)'.repeat(12)],
    ["'([1]*3+[0]*1)*12'", '(ME)(ME)(ME)(*E)'.repeat(12)],
  ])('of %s is Qwen3-Next, its layers counted once', (frequency, layerPattern) => {
    const { facts, notes, notUnderstood } = read(`${LINEAR} ${frequency}`);
    expect(facts.model).toMatchObject({ layers: 48, layerPattern, attentionGate: true, stateRule: 'gatedDelta' });
    expect(allParameters(facts.model)).toBe(allParameters(preset));
    expect([...notes.filter((note) => note.includes('not simulated')), ...notUnderstood]).toEqual([]);
  });

  it('has leading dense layers where the list of mixtures says so, and breaks rules of stages by its own layers', () => {
    const list = "--moe-layer-freq '[0]*2+[1]*46'";
    expect(read(`${LINEAR} 4 ${list}`).facts.model.layerPattern.startsWith('(M-)(M-)(ME)(*E)')).toBe(true);
    // 96 blocks would be as many on each of 32 stages.
    const rules = (pp: number) =>
      violations(read(`${LINEAR} 4 --pipeline-model-parallel-size ${pp}`, 32)).map(({ rule }) => rule);
    expect(rules(32)).toContain('layers');
    expect(rules(16)).not.toContain('layers');
  });

  it('divides heads of keys by tensor and context parallelism', () => {
    const rules = (degrees: string) => violations(read(`${LINEAR} 4 ${degrees}`, 64)).map(({ rule }) => rule);
    expect(rules('--tensor-model-parallel-size 2 --context-parallel-size 8')).not.toContain('heads of states');
    expect(rules('--tensor-model-parallel-size 2 --context-parallel-size 16')).toContain('heads of states');
  });

  it('divides heads of Mamba-2 by both, its groups by tensor parallelism alone', () => {
    const rules = (degrees: string) => {
      const file = MEGATRON.parse(
        `torchrun --nproc_per_node 64 pretrain_mamba.py ${JOB} ${degrees}\n`,
        'run.sh',
        new Map(),
      );
      return violations(readConfiguration(MEGATRON, file, { system: 'h100-sxm', model: 'nemotron-h-8b' }));
    };
    const broken = (degrees: string) => rules(degrees).filter(({ rule }) => rule === 'heads of states');
    expect(broken('--tensor-model-parallel-size 4 --context-parallel-size 16')).toEqual([]);
    expect(broken('--tensor-model-parallel-size 16')[0]?.says).toContain('8 groups');
    expect(broken('--context-parallel-size 3')[0]?.says).toContain('128 heads');
  });

  it('takes layers that predict a later token from the file of a job whose model is given beside it', () => {
    const of = (flags: string, model: string) => {
      const file = MEGATRON.parse(`torchrun --nproc_per_node 8 pretrain_gpt.py ${JOB} ${flags}\n`, 'run.sh', new Map());
      return readConfiguration(MEGATRON, file, { system: 'h100-sxm', model }).facts.model.mtpLayers;
    };
    expect(of('--mtp-num-layers 1', 'qwen3-next-80b-a3b')).toBe(1);
    expect(of('--mtp-num-layers 0', 'deepseek-v3')).toBe(0);
    expect(of('', 'deepseek-v3')).toBe(1);
  });

  it('says which variants are not simulated', () => {
    expect(() => read('--experimental-attention-variant gdn2')).toThrow('gdn2');
  });

  it('is written as it was read', () => {
    const space = compileDesign(loadDefault('cosmic-1024', 'qwen3-next-80b-a3b', DEGREES));
    const flags = megatronArguments(space, space.fixed);
    expect(flags).toContain('--experimental-attention-variant gated_delta_net');
    const file = MEGATRON.parse(
      `torchrun --nproc_per_node 8 --nnodes 128 pretrain_gpt.py ${flags.join(' ')}`,
      'run.sh',
      new Map(),
    );
    const { model } = readConfiguration(MEGATRON, file, { system: 'h100-sxm' }).facts;
    const [phase] = space.workload.phases as [ModelPhase];
    const layerPattern = phase.layerPattern.repeat(12);
    expect({ ...model, model: '', batch: 0, context: 0 }).toEqual({
      ...phase,
      layerPattern,
      model: '',
      batch: 0,
      context: 0,
    });
  });
});

describe('a hybrid', () => {
  const read = (flags: string) => {
    const job = '--seq-length 4096 --max-position-embeddings 4096 --position-embedding-type none --vocab-size 131072';
    const batch = '--micro-batch-size 1 --global-batch-size 8 --make-vocab-size-divisible-by 1';
    const kind = '--normalization RMSNorm --squared-relu --disable-bias-linear --untie-embeddings-and-output-weights';
    const rest = `${job} ${batch} ${kind} --attention-dropout 0 --hidden-dropout 0 --bf16`;
    const text = `torchrun --nproc_per_node 8 pretrain_mamba.py ${rest} ${flags}\n`;
    return readConfiguration(MEGATRON, MEGATRON.parse(text, 'run.sh', new Map()), { system: 'h100-sxm' });
  };

  it.each([
    [
      'nemotron-h-8b',
      '--hidden-size 4096 --num-attention-heads 32 --group-query-attention --num-query-groups 8 --ffn-hidden-size 21504 --num-layers',
    ],
    [
      'nemotron3-super-120b-a12b',
      '--hidden-size 4096 --num-attention-heads 32 --group-query-attention --num-query-groups 2 --kv-channels 128 --num-experts 512 --moe-router-topk 22 --moe-ffn-hidden-size 2688 --moe-shared-expert-intermediate-size 5376 --moe-latent-size 1024 --num-layers',
    ],
  ])('%s is that preset', (name, flags) => {
    const [preset] = loadModel(name).phases as [ModelPhase];
    const { layerPattern } = preset;
    const { facts, notes } = read(`${flags} ${preset.layers} --hybrid-override-pattern '${layerPattern}'`);
    expect(allParameters(facts.model)).toBe(allParameters({ ...preset, mtpLayers: 0 }));
    expect(facts.model).toMatchObject({ layerPattern, stateHeads: 128, stateGroups: 8, stateDim: 128 });
    expect(notes.filter((note) => note.includes('not simulated'))).toEqual([]);
  });

  it.each(['M-M*', 'M-M*G', "'M-|M*'"])('refuses the pattern %s of five layers', (pattern) => {
    const sizes = '--hidden-size 4096 --num-attention-heads 32 --num-layers 5';
    expect(() => read(`${sizes} --hybrid-override-pattern ${pattern}`)).toThrow('with 5 layers');
  });
});
