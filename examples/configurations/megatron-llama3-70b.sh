#!/usr/bin/env bash
# Llama 3 70B on 8 nodes of 8 GPUs, in Megatron-LM's own words: `cosmic check` reads it, and executes nothing.
#SBATCH --nodes=8
#SBATCH --gpus-per-node=8

export CUDA_DEVICE_MAX_CONNECTIONS=1

TP=${TP:-8}
PP=${PP:-4}
MBS=${MBS:-1}
NNODES=${SLURM_NNODES:-8}
REPLICAS=$((NNODES * 8 / (TP * PP)))
GBS=$((REPLICAS * MBS * 64))

MODEL_ARGS=(
  --num-layers 80
  --hidden-size 8192
  --ffn-hidden-size 28672
  --num-attention-heads 64
  --group-query-attention
  --num-query-groups 8
  --seq-length 8192
  --max-position-embeddings 8192
  --position-embedding-type rope
  --rotary-base 500000
  --normalization RMSNorm
  --swiglu
  --disable-bias-linear
  --untie-embeddings-and-output-weights
  --attention-dropout 0.0
  --hidden-dropout 0.0
  --tokenizer-type NullTokenizer
  --vocab-size 128255
)

PARALLEL_ARGS=(
  --tensor-model-parallel-size "$TP"
  --pipeline-model-parallel-size "$PP"
  --sequence-parallel
  --use-distributed-optimizer
)

torchrun --nproc_per_node 8 --nnodes "$NNODES" pretrain_gpt.py \
  "${MODEL_ARGS[@]}" \
  "${PARALLEL_ARGS[@]}" \
  --micro-batch-size "$MBS" \
  --global-batch-size "$GBS" \
  --bf16 \
  --recompute-granularity full \
  --recompute-method uniform \
  --recompute-num-layers 1 \
  --lr 1.5e-4 \
  --train-iters 500000
