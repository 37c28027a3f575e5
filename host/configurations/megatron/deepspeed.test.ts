/** Megatron-DeepSpeed's scripts: the DeepSpeed file counts where it stands. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/temporaryFolder.js';
import { violations } from '../legality.js';
import { type Configuration, readConfiguration } from '../readConfiguration.js';
import { MEGATRON } from './megatron.js';

const folder = temporaryFolder('deepspeed');

const JOB = [
  ...['--num-layers 24 --hidden-size 2048 --num-attention-heads 16 --seq-length 2048 --max-position-embeddings 2048'],
  ...['--micro-batch-size 2 --global-batch-size 64 --fp16 --vocab-size 50257 --tokenizer-type NullTokenizer'],
];

function read(before: string, flags: string): Configuration {
  const text = `${before}\ndeepspeed --num_nodes 2 --num_gpus 8 pretrain_gpt.py ${JOB.join(' ')} ${flags}\n`;
  const path = join(folder, 'run.sh');
  return readConfiguration(MEGATRON, MEGATRON.parse(text, path, new Map()), { system: 'a100-80gb' });
}

const rulesOf = (one: Configuration) => violations(one).map(({ rule, says }) => `${rule}: ${says}`);
const sharding = (one: Configuration) => one.facts.text('workload.weightSharding');

const HERE = `STAGE=2
cat <<EOT > ds.json
{ "train_batch_size": 64, "train_micro_batch_size_per_gpu": 2, "zero_optimization": { "stage": $STAGE, "overlap_comm": true },
  "fp16": { "enabled": true }, "steps_per_print": 1 }
EOT`;
const ENGINE = '--deepspeed --deepspeed_config ds.json --no-pipeline-parallel';

describe('Megatron-DeepSpeed', () => {
  it('goes by the file that the script writes, variables put in', () => {
    const one = read(HERE, `${ENGINE} --zero-stage 1`);
    expect(sharding(one)).toBe('zero2');
    expect(one.facts.text('workload.gradientOverlap')).toBe('on');
    expect(one.facts.number('workload.gradientBytes')).toBe(2);
    expect(one.notUnderstood).toEqual([]);
    expect(rulesOf(one)).toEqual([]);
    expect(one.notes).toContain("--zero-stage 1 is not what runs: DeepSpeed's file says stage 2");
  });

  it('goes by the file beside the script, of whatever folder the script names', () => {
    const json = { zero_optimization: { stage: 1, offload_optimizer: { device: 'cpu', ratio: 0.5 } } };
    writeFileSync(join(folder, 'beside.json'), JSON.stringify(json));
    const one = read('', '--deepspeed --deepspeed_config=/somewhere/beside.json --no-pipeline-parallel');
    expect(sharding(one)).toBe('zero1');
    expect(one.facts.number('workload.optimizerOffload')).toBe(0.5);
  });

  it('takes the argument, or stage 1, where there is no file, and says so', () => {
    const one = read('', '--deepspeed --deepspeed_config away.json --no-pipeline-parallel --zero-stage 3');
    expect(sharding(one)).toBe('zero3');
    expect(one.notes).toContain('away.json is not read: it stands neither in the script nor beside it');
    expect(sharding(read('', '--deepspeed --no-pipeline-parallel'))).toBe('zero1');
    // Without the engine its arguments say nothing.
    expect(sharding(read('', '--zero-stage 3'))).toBe('none');
  });

  it('takes no shards of gradients into its pipelines, of one stage either', () => {
    const broken = 'pipeline: stage 2 of ZeRO needs --no-pipeline-parallel';
    expect(rulesOf(read(HERE, '--deepspeed --deepspeed_config ds.json'))).toEqual([broken]);
    expect(rulesOf(read(HERE, `${ENGINE} --pipeline-model-parallel-size 2`))).toContain(
      'pipeline: --no-pipeline-parallel needs --pipeline-model-parallel-size 1',
    );
  });

  it('is told another batch by neither', () => {
    expect(rulesOf(read(HERE.replace('64,', '32,'), ENGINE))).toEqual([
      "global batch: --global-batch-size 64 is not train_batch_size 32 of DeepSpeed's file",
    ]);
  });

  it.each([
    ['--checkpoint-activations', 1],
    ['--activations-checkpoint-method uniform --activations-checkpoint-num-layers 4', 4],
    ['--checkpoint-activations --checkpoint-num-layers 2 --distribute-checkpointed-activations', 2],
  ])('has older names of recomputation: %s', (flags, layers) => {
    const one = read('', flags);
    expect(one.facts.text('workload.recomputation')).toBe('full');
    expect(one.facts.number('workload.recomputationBlock')).toBe(layers);
    expect(one.notUnderstood).toEqual([]);
  });

  it("has PyTorch's replicas reduce beside the backward pass, as --DDP-impl says", () => {
    expect(read('', '--DDP-impl torch').facts.text('workload.gradientOverlap')).toBe('on');
    expect(read('', '--DDP-impl local').facts.text('workload.gradientOverlap')).toBe('off');
  });
});
