import { describe, expect, it } from 'vitest';
import { CosmicError } from '../../psa/errors.js';
import { temporaryFolder, writerIn } from '../../test/temporaryFolder.js';
import { openConfiguration } from './frameworks.js';
import { refuseOtherPrograms } from './otherPrograms.js';

function errorOf(text: string): CosmicError | undefined {
  try {
    refuseOtherPrograms('job', text);
  } catch (error) {
    if (error instanceof CosmicError) return error;
    throw error;
  }
  return undefined;
}

describe('files of other programs are named, with where the same is asked', () => {
  it.each([
    ['vLLM', '#!/bin/bash\nvllm serve some/model --tensor-parallel-size 8', 'model.phase=decode'],
    ['SGLang', 'python3 -m sglang.launch_server --model-path some/model --tp 16', 'model.phase=decode'],
    ['TensorRT-LLM', 'trtllm-serve some/model --tp_size 8', '--software tensorrt-llm'],
    ['Axolotl', 'base_model: some/model\nmicro_batch_size: 1\ngradient_accumulation_steps: 8', '--software fsdp2'],
    ['LLaMA-Factory', '### model\nmodel_name_or_path: some/model\nfinetuning_type: full', '--software deepspeed-zero'],
    ['Accelerate', 'accelerate launch --num_processes 8 train.py', '--software fsdp2'],
    ['Accelerate', 'distributed_type: FSDP\nmixed_precision: bf16\nnum_processes: 8', '--software fsdp2'],
    [
      "Hugging Face's trainer",
      'torchrun run_clm.py --per_device_train_batch_size 2 --bf16',
      '--software deepspeed-zero',
    ],
    ['llm-foundry', 'max_seq_len: 2048\ndevice_train_microbatch_size: 16\nfsdp_config:', '--software llm-foundry'],
    ['OLMo', 'model:\n  max_sequence_length: 2048\ndevice_train_microbatch_size: 2', '--software fsdp2'],
    ['LitGPT', 'model_name: a\nout_dir: out\ntrain:\n  micro_batch_size: 4', '--software fsdp2'],
    ['torchtune', 'model:\n  _component_: torchtune.models.llama3_1.llama3_1_8b', '--software fsdp2'],
    ['NeMo AutoModel', 'model:\n  _target_: nemo_automodel.NeMoAutoModelForCausalLM', '--software automodel'],
    ['nanotron', 'tokens:\n  batch_accumulation_per_replica: 4', '--software nanotron'],
    ['verl', 'python3 -m verl.trainer.main_ppo trainer.nnodes=1', '--software megatron-core'],
    ['ms-swift', 'megatron sft --micro_batch_size 1', '--software megatron-core'],
  ])('%s', (title, text, asked) => {
    const error = errorOf(text);
    expect(error?.message).toBe(`configurations of ${title} are not read`);
    expect(error?.remedy).toContain(asked);
  });

  it('a DeepSpeed file that they take with them can be checked', () => {
    expect(errorOf('base_model: a\ndeepspeed: configs/zero3.json')?.remedy).toContain('check the DeepSpeed file');
  });

  it('what a comment names is none', () => {
    expect(errorOf('# later: vllm serve the checkpoint\ntorchrun pretrain_gpt.py --num-layers 2')).toBeUndefined();
  });
});

describe('a file in which no framework has a setting is said to be what it is', () => {
  const write = writerIn(temporaryFolder('others'));
  it.each([
    ['run.sh', 'torchrun -m torchtitan.train --job.config_file llama3_8b.toml', /starts torchtitan/, /TOML/],
    ['nemo.sh', 'nemo llm pretrain --factory llama3_8b', /a recipe of NeMo/, /YAML/],
    ['config.json', '{ "model_type": "llama", "hidden_size": 4096 }', /description of a model/, /--model/],
    ['space.yaml', 'version: 1\nsystem: dgx-h100\n', /no framework is known/, /cosmic sweep/],
    ['job.py', 'cfg = recipe()', /no framework is known/, /a program/],
  ])('%s', (name, text, message, remedy) => {
    const file = write(name, `${text}\n`);
    const refused = expect.objectContaining({
      code: 'SCHEMA',
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(remedy),
    });
    expect(() => openConfiguration(file)).toThrow(refused);
  });
});
