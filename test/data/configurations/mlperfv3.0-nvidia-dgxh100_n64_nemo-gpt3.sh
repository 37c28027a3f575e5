#!/bin/bash
# GPT3-175B on 512 h100-80g, rewritten from the facts of a published run
#SBATCH --nodes=64
#SBATCH --ntasks-per-node=8

TP=${TP:-4}
PP=${PP:-8}
MBS=1
GBS=2048

options=" \
    --num-layers 96 \
    --hidden-size 12288 \
    --ffn-hidden-size 49152 \
    --num-attention-heads 96 \
    --seq-length 2048 \
    --max-position-embeddings 2048 \
    --position-embedding-type learned_absolute \
    --normalization LayerNorm \
    --attention-dropout 0.0 \
    --hidden-dropout 0.0 \
    --vocab-size 51200 \
    --tokenizer-type NullTokenizer \
    --tensor-model-parallel-size ${TP} \
    --pipeline-model-parallel-size ${PP} \
    --sequence-parallel \
    --num-virtual-stages-per-pipeline-rank 12 \
    --use-distributed-optimizer \
    --overlap-grad-reduce \
    --overlap-param-gather \
    --tp-comm-overlap \
    --micro-batch-size ${MBS} \
    --global-batch-size ${GBS} \
    --bf16 \
    --fp8-format hybrid \
    --fp8-recipe delayed \
    --lr 6.0e-5 \
    --log-interval 1"

run_cmd="python -u pretrain_gpt.py ${options}"
srun bash -c "${run_cmd}"
