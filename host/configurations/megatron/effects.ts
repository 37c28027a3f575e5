/** Arguments of Megatron-LM that no row reads. */
import { beginning, type NotSimulated } from '../framework.js';

/** The first three are of Pai-Megatron-Patch. */
const DATA = `
  max-padding-length dataset$ patch- data- train- valid test- split dataloader num-workers num-dataset reset- eod-
  mock-data create-attention no-create-attention vocab-file merge-file tokenizer- tiktoken no-mmap cache object-storage
  retro bert skip-train iterations rampup padded
`;
const OPTIMISER = `
  lr min-lr weight-decay no-weight-decay start-weight end-weight clip-grad adam sgd beta optimizer$ init-method seed
  override initial-loss loss-scale min-loss hysteresis decoupled expert-lr mtp-loss qk-clip check- no-check calculate
`;
const CHECKPOINTS_AND_LOGS = `
  save load no-load no-save finetune use-checkpoint use-dist-ckpt ckpt dist-ckpt async-save auto-detect eval exit log-
  tensorboard wandb timing profile use-pytorch-profiler record result export inference max-tokens rerun straggler
  heartbeat ft- run-workload legacy
`;
const LAUNCHERS = `
  distributed- num_(nodes|gpus)$ hostfile rdzv nproc nnodes node[_-]rank master[_-] local[_-] standalone mpi
  max[_-]restarts tee$ jobid partition gpus ntasks cpus mem time job-name output error account exclusive nodes container
  no-container comment qos label$ unbuffered kill-on-bad-exit propagate pty$ wait$ gres constraint export$ threads-per
`;
/** Switches of kernels and of how they are called, whose constants stand in the software's file. */
const KERNELS = `
  use-mcore-models use-legacy transformer-impl use-transformer-engine spec$ te- enable-experimental rotary- use-rope
  rope- no-rope no-position-embedding mscale norm-epsilon layernorm- apply-layernorm no-persist no-masked no-bias
  masked-softmax attention-softmax attention-mask kv-lora-norm untied gradient-accumulation-fusion accumulate-allreduce
  cross-entropy no-scatter no-fp8 fp8-(margin|interval|amax|wgrad) keep-fp8 seq-len lazy
  no-async-tensor disable-tp tp-comm-(overlap-|bulk|split) ddp- high-priority nccl sharp use-sharp align no-align
  dp-sharding manual-gc empty-unused defer- reuse- no-barrier barrier- recompute-(rope)
`;
const EXPERTS = `
  moe-router-(load|score|pre|topk-s|enable|bias|dtype|force|fusion|padding) moe-aux moe-z moe-input moe-grouped
  moe-permute moe-per moe-pad$ moe-use moe-shared-expert-gate moe-token-drop moe-upcycling moe-hybrid$ moe-apply
`;

/** What a job begins and ends with, and what functions are called: none of it changes a step. */
const AROUND = `
  inprocess no-ckpt disable-gloo enable-gloo batch-invariant muon trust-remote kitchen no-initialization
  perform-initialization init-model-with-meta use-cpu-init embedding-init onnx adlr head-lr s3-cache per-split
  use-tokenizer sft$ mid-level error-injection replication add-position apply-query no-query apply-residual
  bias-(swiglu|gelu|dropout) use-fused-weighted softmax-type glu-linear activation-func-clamp yarn use-ring swin dino
  mla-down-proj-fusion
`;

/** Of Megatron-DeepSpeed, and of what its DeepSpeed file has of its own. */
const DEEPSPEED = 'deepspeed-activation zero- scattered-embeddings split-transformers ds-pipeline';

const ALL = [DATA, OPTIMISER, CHECKPOINTS_AND_LOGS, LAUNCHERS, KERNELS, EXPERTS, AROUND, DEEPSPEED].join(' ');

export const WITHOUT_EFFECT = new RegExp(`^-[a-zA-Z]$|${beginning('--', ALL).source}`);

export const NOT_SIMULATED: readonly NotSimulated[] = [
  {
    settings: /^--(hybrid-(attention|mlp)|is-hybrid|mamba)/,
    instead: 'layers have a state where --hybrid-layer-pattern says so, else attention and an MLP',
  },
  {
    settings: /^--(first-last-layers-bf16|num-layers-at-(start|end)-in-bf16)/,
    instead: 'products of all layers are in the format of most',
  },
  { settings: /^--fp32-residual/, instead: 'residuals are in half precision' },
  { settings: /^--overlap-param-gather-with-optimizer/, instead: 'gathers run beside the first passes' },
  { settings: /^--(outer-dp-sharding|fsdp-double-buffer)/, instead: 'shards are as without it' },
  {
    settings: /^--(distribute-(saved|checkpointed)-activations|partition-activations)/,
    instead: 'each rank keeps whole inputs of layers',
  },
  { settings: /^--(checkpoint-in-cpu|remote-device)/, instead: 'activations and weights stay on the GPU' },
  { settings: /^--(enable-|external-)?cuda-graph/, instead: 'the host launches every kernel' },
  { settings: /^--cpu-offload/, instead: 'nothing is kept on the host' },
  { settings: /^--moe-(deepep|hybridep)/, instead: 'exchanges of experts take no multiprocessors from products' },
  { settings: /^--moe-shared-expert-overlap/, instead: 'shared experts run before tokens leave' },
  { settings: /^--(delay-wgrad|overlap-moe)/, instead: 'exchanges of experts are as the software has them' },
];
