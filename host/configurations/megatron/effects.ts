/** Arguments of Megatron-LM that no row reads. */
import { beginning, type NotSimulated } from '../framework.js';

/** The first three are of Pai-Megatron-Patch. */
const DATA = `
  max-padding-length dataset$ patch- data- train- valid test- split dataloader num-workers num-dataset reset- eod-
  mock-data create-attention no-create-attention vocab-file vocab-extra merge-file tokenizer- tiktoken no-mmap cache object-storage
  retro retriever bert skip-train iterations rampup padded full-validation multiple-validation allow-ambiguous decoder-seq-length sample-rate
  mask-prob short-seq no-data-sharding
`;
const OPTIMISER = `
  lr min-lr weight-decay no-weight-decay start-weight end-weight clip-grad adam sgd beta optimizer$ init-method seed
  override initial-loss loss-scale min-loss hysteresis decoupled expert-lr mtp-loss qk-clip check- no-check calculate
`;
const CHECKPOINTS_AND_LOGS = `
  save persistent-save non-persistent load no-load no-save no-strict pretrained-checkpoint finetune use-checkpoint-opt use-dist-ckpt use-persistent
  no-use-tokenizer ckpt dist-ckpt distrib-optim async-save auto-detect eval exit log- logging no-log one-logger no-one-logger app-tag
  config-logger tensorboard wandb timing profile use-pytorch-profiler record result export inference max-tokens rerun straggler disable-straggler
  heartbeat ft- calc-ft enable-ft run-workload legacy disable-msc dump-param
`;
const LAUNCHERS = `
  distributed- num_(nodes|gpus)$ hostfile rdzv nproc nnodes node[_-]rank master[_-] local[_-] standalone mpi
  max[_-]restarts tee$ jobid partition gpus ntasks cpus mem time job-name output error account exclusive nodes container
  no-container comment qos label$ unbuffered kill-on-bad-exit propagate pty$ wait$ gres constraint reservation export$ threads-per
`;
/** Switches of kernels and of how they are called, whose constants stand in the software's file. */
const KERNELS = `
  use-mcore-models use-legacy transformer-impl use-transformer-engine spec$ te- enable-experimental rotary- use-rope
  rope- no-rope no-position-embedding mscale norm-epsilon layernorm- apply-layernorm no-persist no-masked no-bias
  relative-attention mrope openai-gelu qk-l2 masked-softmax attention-softmax attention-mask kv-lora-norm untied gradient-accumulation-fusion accumulate-allreduce
  cross-entropy no-clone-scatter no-fp8-weight fp8-(margin|interval|amax|wgrad|quantizer) fp4-(recipe|quantizer) keep-fp8 seq-len lazy
  disable-bf16-reduced use-te-activation no-gradient-reduce pipeline-model-parallel-comm-backend tp-comm-bootstrap
  no-async-tensor disable-tp tp-comm-(overlap-|bulk|split) ddp- high-priority nccl sharp align no-align
  dp-sharding manual-gc no-manual-gc empty-unused defer- wgrad-deferral reuse- no-barrier barrier- recompute-(rope)
`;
const EXPERTS = `
  moe-router-(load|score|pre|topk-s|enable|bias|dtype|force|fusion|padding) moe-aux moe-z moe-input moe-grouped
  moe-permute moe-per moe-pad$ moe-use moe-shared-expert-gate moe-token-drop moe-upcycling moe-hybrid$ moe-apply
`;

/** Of requests, which no step of training answers, and of programs that train other models than GPT. */
const OTHER_PROGRAMS = `
  flash-decode decode-only mlp-chunks disable-chunked symmetric-ar moe-pad-experts-for num-classes num-channels img- classes-fraction
  vision mask-(type|factor) iter-per-epoch swin dino biencoder ict- titles query-in-block use-one-sent evidence block-data embedding-path indexer
`;

/** What a job begins and ends with, and what functions are called: none of it changes a step. */
const AROUND = `
  inprocess no-ckpt disable-gloo enable-gloo batch-invariant muon trust-remote no-initialization
  perform-initialization init-model-with-meta use-cpu-init embedding-init onnx adlr head-lr s3-cache per-split
  use-tokenizer sft mid-level error-injection replication add-position apply-query no-query apply-residual
  bias-(swiglu|gelu|dropout) use-fused-weighted softmax-type glu-linear activation-func-clamp yarn use-ring
  mla-down-proj-fusion
`;

/** Those that a rule refuses. */
const REFUSED = 'batch-size$ model-parallel-size$ warmup$';

/** Of Megatron-DeepSpeed, and of what its DeepSpeed file has of its own. */
const DEEPSPEED = 'deepspeed-activation zero- scattered-embeddings split-transformers ds-pipeline';

const ALL = [
  DATA,
  OPTIMISER,
  CHECKPOINTS_AND_LOGS,
  LAUNCHERS,
  KERNELS,
  EXPERTS,
  OTHER_PROGRAMS,
  AROUND,
  REFUSED,
  DEEPSPEED,
].join(' ');

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
  {
    settings: /^--(outer-dp-sharding|enable-full-sharding-in-hsdp|fsdp-double-buffer|suggested-communication)/,
    instead: 'shards are as without it',
  },
  { settings: /^--torch-fsdp2-no-reshard/, instead: 'weights are gathered again for the backward pass' },
  { settings: /^--fp4-param-gather/, instead: 'weights are gathered in half precision' },
  {
    settings: /^--overlap-p2p-communication-warmup/,
    instead: 'sends are waited for where a pipeline fills and empties',
  },
  { settings: /^--no-scatter-gather-tensors/, instead: 'ranks of tensors send a part each to the next stage' },
  { settings: /^--use-sharp/, instead: 'switches reduce where the system says so' },
  { settings: /^--no-fp8-wgrad/, instead: 'products of gradients of weights are in the format of the others' },
  { settings: /^--kitchen/, instead: 'products are in the format that other arguments say' },
  { settings: /^--decrease-batch-size/, instead: 'the batch is --global-batch-size' },
  { settings: /^--use-(checkpoint|mp-args-from-checkpoint)-args/, instead: 'what a checkpoint says is not read' },
  { settings: /^--(use-nccl-ub|disable-symmetric)/, instead: 'collectives are as without registered buffers' },
  { settings: /^--deterministic-mode/, instead: 'kernels are the fastest, whatever their order of sums' },
  { settings: /^--fp16-lm-cross-entropy/, instead: 'the loss is in single precision' },
  {
    settings: /^--(overlap-cpu-optimizer|use-torch-optimizer-for|no-pin-cpu)/,
    instead: 'gradients and weights travel to the host and back as the software has it',
  },
  { settings: /^--(perform-rl|rl-|grpo-|langrl-)/, instead: 'a step is one of training alone' },
  { settings: /^--heterogeneous-layers/, instead: 'all layers are alike' },
  { settings: /^--yaml-cfg/, instead: 'what that file says is not read' },
  { settings: /^--(csa|dsa|o-groups|o-lora)/, instead: 'attention looks at all tokens before' },
  { settings: /^--disable-mamba-mem/, instead: 'scans are one kernel' },
  { settings: /^--moe-extended-tp/, instead: 'experts are split by --expert-tensor-parallel-size' },
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
