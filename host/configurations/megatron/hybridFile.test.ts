import { describe, expect, it } from 'vitest';
import { frameworkOf } from '../frameworks.js';
import { violations } from '../legality.js';
import { readConfiguration } from '../readConfiguration.js';
import { MEGATRON } from './megatron.js';

const FLAGS =
  '--hidden-size 1024 --num-attention-heads 8 --ffn-hidden-size 4096 --seq-length 4096 --max-position-embeddings 4096 ' +
  '--position-embedding-type none --vocab-size 131072 --micro-batch-size 1 --global-batch-size 32 --normalization RMSNorm ' +
  '--squared-relu --disable-bias-linear --attention-dropout 0 --hidden-dropout 0 --bf16';
const EXPERTS = '--num-experts 8 --moe-router-topk 2 --moe-ffn-hidden-size 1024';

const parse = (flags: string) =>
  MEGATRON.parse(`torchrun --nproc_per_node 8 pretrain_mamba.py ${FLAGS} ${flags}\n`, 'run.sh', new Map());
const read = (flags: string) => readConfiguration(MEGATRON, parse(flags), { system: 'h100-sxm' });

describe('the pattern of a hybrid', () => {
  // Megatron-LM, megatron/training/arguments.py: the pattern overrides --num-layers, its depths --mtp-num-layers.
  it('says how many layers there are, and how many of them predict later tokens', () => {
    const { facts, notes } = read(`${EXPERTS} --num-layers 3 --hybrid-layer-pattern 'MEM*/*E/*E'`);
    expect(facts.model).toMatchObject({ layerPattern: 'MEM*', layers: 4, mtpLayers: 2, stateRule: 'mamba2' });
    expect(notes.filter((note) => /pattern|predict/.test(note))).toEqual([]);
  });

  it.each(["''", "'|'"])('is an error without letters, %s, and not one of --num-layers', (letters) => {
    expect(() => parse(`--hybrid-layer-pattern ${letters}`)).toThrow(/--hybrid-layer-pattern has no letters/);
  });

  it('says what of its layers that predict later tokens is not simulated', () => {
    expect(read("--hybrid-layer-pattern 'M-M*/MM'").notes).toContain(
      'layers that predict later tokens are priced as attention and the experts or MLP, not as MM',
    );
  });

  it('has the stages of a pipeline', () => {
    const staged = read("--pipeline-model-parallel-size 2 --hybrid-layer-pattern 'M-|M*|M-|M*/*-'");
    expect(violations(staged)).toEqual([]);
    const { facts, notes } = staged;
    expect(facts.model.layerPattern).toBe('M-M*M-M*');
    expect(facts.number('workload.virtualStages')).toBe(2);
    expect(notes).not.toContain('stages of a layout are priced as even as may be');
    const uneven = read("--pipeline-model-parallel-size 2 --hybrid-layer-pattern 'M-M*M|M-*'");
    expect(uneven.facts.number('workload.virtualStages')).toBe(1);
    expect(uneven.notes).toContain('stages of a layout are priced as even as may be');
  });

  it('breaks a rule where its stages are no multiple of those of the pipeline', () => {
    const broken = violations(read("--pipeline-model-parallel-size 2 --hybrid-layer-pattern 'M-|M*|M-'"));
    expect(broken.map(({ says }) => says)).toContain('3 stages of the layout are no multiple of pipeline parallel 2');
  });

  it('may have layers in brackets, and gated delta nets', () => {
    const { facts } = read("--linear-num-value-heads 16 --hybrid-layer-pattern '[G-][*-]'");
    expect(facts.model).toMatchObject({ layerPattern: 'M-*-', layers: 4, stateRule: 'gatedDelta', stateHeads: 16 });
  });

  it.each(['MG*-', 'D-M-', 'W-'])('is refused with the letters %s', (letters) => {
    expect(() => read(`--hybrid-layer-pattern '${letters}'`)).toThrow(`--hybrid-layer-pattern is '${letters}'`);
  });

  it('is not written with other stages', () => {
    const file = parse("--pipeline-model-parallel-size 2 --hybrid-layer-pattern 'M-|M*|M-|M*'");
    const change = { name: '--num-layers-per-virtual-pipeline-stage', values: ['4'] };
    expect(() => file.edited([change])).toThrow('stages of a hybrid stand in --hybrid-layer-pattern');
    expect(file.edited([{ name: '--micro-batch-size', values: ['2'] }])).toContain("'M-|M*|M-|M*'");
  });

  it('is read of a recipe', () => {
    const NEMO = frameworkOf('nemo');
    const yaml = `model:
  hybrid_layer_pattern: M-M*
  mamba_num_heads: 16
  hidden_size: 1024
  ffn_hidden_size: 4096
  num_attention_heads: 8
  seq_length: 4096
  vocab_size: 131072
train:
  micro_batch_size: 1
  global_batch_size: 32
`;
    const { facts } = readConfiguration(NEMO, NEMO.parse(yaml, 'recipe.yaml', new Map()), {
      system: 'h100-sxm',
      npus: 8,
    });
    expect(facts.model).toMatchObject({ layerPattern: 'M-M*', layers: 4, stateHeads: 16 });
  });
});
