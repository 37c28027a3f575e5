#!/bin/bash
# GPT3-175B on 512 h100-80g, rewritten from the facts of a published run
GPUS_PER_NODE=8
NUM_NODES=64

MODEL_ARGS=(
    --num-layers 96
    --hidden-size 12288
    --ffn-hidden-size 49152
    --num-attention-heads 96
    --seq-length 2048
    --max-position-embeddings 2048
    --position-embedding-type learned_absolute
    --normalization LayerNorm
    --attention-dropout 0.0
    --hidden-dropout 0.0
    --vocab-size 51200
    --tokenizer-type NullTokenizer
)

MODEL_PARALLEL_ARGS=(
    --tensor-model-parallel-size 4
    --pipeline-model-parallel-size 8
    --sequence-parallel
    --num-virtual-stages-per-pipeline-rank 6
    --use-distributed-optimizer
    --overlap-grad-reduce
    --overlap-param-gather
    --tp-comm-overlap
)

TRAINING_ARGS=(
    --micro-batch-size 2
    --global-batch-size 2048
    --bf16
    --grad-reduce-in-bf16
    --fp8-format hybrid
    --fp8-recipe delayed
    --fp8-param-gather
    --lr 1e-4
    --train-iters 50
)

torchrun --nproc_per_node $GPUS_PER_NODE --nnodes $NUM_NODES pretrain_gpt.py \
    ${MODEL_ARGS[@]} \
    ${MODEL_PARALLEL_ARGS[@]} \
    ${TRAINING_ARGS[@]}
