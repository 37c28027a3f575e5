/** What programs hold in memory, or do not, by their code: losses, experts, inputs of layers, moments. */
import { always, type Phrase } from './phrase.js';

export const HELD: readonly Phrase[] = [
  {
    // huggingface/trl, chunked_nll: of 256 tokens at a time neither logits nor their gradient stay.
    pattern: /loss in chunks/,
    says: 'a loss of few tokens at a time',
    set: always('workload.loss=chunked'),
  },
  {
    // pytorch/torchtitan, pull requests 996 and 1033: of times before, compiling the loss was turned off. As files that name it are read.
    pattern: /^torchtitan[^;]*(?:\(\w+ 202[5-9]\)|torchao 0\.1[3-9]).*(?<!no )torch\.compile/,
    says: 'a compiled loss, whose copies in single precision stay within a kernel',
    set: always('workload.loss=inPlace'),
  },
  {
    // pytorch/torchtitan, ChunkedCELoss of components/loss.py: an eighth of the 14 bytes a logit of PyTorch, or of the 4 where it is compiled.
    pattern: /(compile of blocks and loss, )?loss in eight chunks/,
    says: 'a loss in pieces of the sequence',
    set: ([, compiled]) => [`workload.loss=${compiled === undefined ? 'fused' : 'chunked'}`],
  },
  {
    // huggingface/trl, examples/sft_qwen3_8b_1m_context, whose models are swapped: gradient_checkpointing_kwargs offload, which copies the
    // input of each layer to the host (huggingface/transformers, pull request 48444).
    pattern: /^TRL/,
    says: 'inputs of recomputed layers on the host where ranks share a sequence, as the example of TRL has it',
    set: (_, { cp, layers, recompute }) =>
      cp > 1 && recompute === 'full' ? [`workload.offloadedLayers=${layers}`] : [],
  },
  {
    // AI-Hypercomputer/torchprime, configs/default.yaml and base_trainer.py: torch_dtype bfloat16; Adafactor without a first moment, whose second
    // is a row and a column of each weight; one XLA program, in which of logits and their gradient two bytes each stay.
    pattern: /^torchprime/,
    says: 'weights and gradients in half precision, no moments but sums of rows and columns, and a loss fused by XLA',
    set: always(
      'workload.masterWeightBytes=0',
      'workload.momentBytes=0',
      'workload.mainGradientBytes=2',
      'workload.gradientBytes=2',
      'workload.loss=inPlace',
    ),
  },
  {
    // pytorch/torchtitan, models/llama4/infra/parallelize.py, _op_sac_save_list: of what experts do nothing but what is exchanged.
    pattern: /torchtitan/,
    says: 'experts recomputed where selective is said, as their grouped products are not among what is saved',
    set: (_, { recompute, experts = 1 }) =>
      recompute === 'selective' && experts > 1 ? ['workload.recomputeExperts=on'] : [],
  },
];
