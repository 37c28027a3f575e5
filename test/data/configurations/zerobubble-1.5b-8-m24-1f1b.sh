#!/bin/bash
# GPT-1.5B on 8 a100-80g, rewritten from the facts of a published run
GPUS_PER_NODE=8
NUM_NODES=1

MODEL_ARGS=(
    --num-layers 22
    --hidden-size 2304
    --ffn-hidden-size 9216
    --num-attention-heads 24
    --seq-length 1024
    --max-position-embeddings 1024
    --position-embedding-type learned_absolute
    --normalization LayerNorm
    --attention-dropout 0.0
    --hidden-dropout 0.0
    --vocab-size 51200
    --tokenizer-type NullTokenizer
)

MODEL_PARALLEL_ARGS=(
    --tensor-model-parallel-size 1
    --pipeline-model-parallel-size 8
    --account-for-embedding-in-pipeline-split
    --account-for-loss-in-pipeline-split
    --use-distributed-optimizer
    --overlap-grad-reduce
    --overlap-param-gather
)

TRAINING_ARGS=(
    --micro-batch-size 6
    --global-batch-size 144
    --bf16
    --lr 1e-4
    --train-iters 50
)

torchrun --nproc_per_node $GPUS_PER_NODE --nnodes $NUM_NODES pretrain_gpt.py \
    ${MODEL_ARGS[@]} \
    ${MODEL_PARALLEL_ARGS[@]} \
    ${TRAINING_ARGS[@]}
