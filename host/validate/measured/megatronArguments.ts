/** What Megatron-LM does of what it can: its arguments are off unless they are given, and rows name those that are. */
import type { Phrase } from './phrase.js';

/** Tensor-parallel traffic of its own, with no product beside it. */
export const TENSORS_ALONE = 'workload.tensorOverlap=off';

export const MEGATRON_ARGUMENTS: readonly Phrase[] = [
  {
    // Megatron-LM, validate_args of megatron/training/arguments.py: in bf16 gradients are summed and reduced in single precision, of 0.6 always,
    // later unless --grad-reduce-in-bf16 is given, which neither scripts of FP8-Flow-MoE, FlagPerf and Lumen nor ms-swift do, nor another type of
    // main gradients.
    pattern:
      /Megatron-LM 4af25fe|Megatron-Core 0\.6|(?:FlagScale \w+|Lumen) on Megatron-LM|Megatron-LM 240405|Megatron-SWIFT/,
    says: 'gradients summed and reduced in single precision, as bf16 has them by arguments alone',
    set: (_, row) => (row.precision === 'fp16' ? [] : ['workload.gradientBytes=4', 'workload.mainGradientBytes=4']),
  },
  {
    // The same arguments give no --fp8-param-gather: megatron/core/extensions/transformer_engine.py, is_first_microbatch.
    pattern: /Megatron-LM 4af25fe|Megatron-Core 0\.6/,
    says: 'weights of fp8 products kept in eight bits beside those in half precision, by row and by column',
    set: (_, { precision = '' }) => (precision.startsWith('fp8') ? ['workload.weightCopies=2'] : []),
  },
  {
    // FlagOpen/FlagPerf, training/benchmarks: pretrain_llama3.sh, megatron_main.sh and megatron_pai_main.sh have --use-distributed-optimizer and
    // none of --overlap-grad-reduce, --overlap-param-gather, --tp-comm-overlap; modelscope/ms-swift, Megatron-SWIFT/Command-line-parameters: all
    // three are False by default. Sends between stages are beside compute where stages have several chunks, and else never (validate_args).
    pattern: /Megatron-Core 0\.6|FlagScale \w+ on Megatron-LM|Megatron-LM 240405|Megatron-SWIFT/,
    says: 'no traffic beside compute, as none is asked for among the arguments',
    set: (_, { virtual_stages = 1 }) => [
      ...[TENSORS_ALONE, 'workload.gradientOverlap=off'],
      ...(virtual_stages > 1 ? [] : ['workload.pipelineOverlap=off']),
    ],
  },
  {
    // The same megatron_pai_main.sh: --no-rope-fusion.
    pattern: /Megatron-LM 240405/,
    says: 'queries and keys that operations of their own rotate, as the script has it',
    set: () => ['workload.rotaryKernel=operations'],
  },
  {
    // ZhangDanyang-AMD/Lumen, examples/scripts/pretrain_common_args.sh: --no-gradient-accumulation-fusion.
    pattern: /Lumen on Megatron-LM/,
    says: 'gradients that operations of their own sum, as the script has it',
    set: () => ['workload.gradientAccumulation=unfused'],
  },
  {
    // --tp-comm-overlap needs MPI to begin with where Transformer Engine is older than 1.9 of July 2024 (_initialize_tp_communicators of
    // megatron/training/initialize.py). Of overlaps that are asked for, Megatron-LM's README of 2023 and 2024 names --overlap-grad-reduce alone until
    // July, which is taken to be given, and this one first in that month (its table of steps is read so).
    pattern: /^Megatron-LM, 202[34]\b/,
    says: 'tensor-parallel traffic alone, as Megatron-LM has it unless it is told otherwise, and its README then told nobody',
    set: (_, { tp }) => (tp > 1 ? [TENSORS_ALONE] : []),
  },
];
