#!/bin/bash
# GPT-1.5B on 8 a100-80g, rewritten from the facts of a published run
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=8

TP=${TP:-1}
PP=${PP:-8}
MBS=6
GBS=384

options=" \
    --num-layers 22 \
    --hidden-size 2304 \
    --ffn-hidden-size 9216 \
    --num-attention-heads 24 \
    --seq-length 1024 \
    --max-position-embeddings 1024 \
    --position-embedding-type learned_absolute \
    --normalization LayerNorm \
    --attention-dropout 0.0 \
    --hidden-dropout 0.0 \
    --vocab-size 51200 \
    --tokenizer-type NullTokenizer \
    --tensor-model-parallel-size ${TP} \
    --pipeline-model-parallel-size ${PP} \
    --account-for-embedding-in-pipeline-split \
    --account-for-loss-in-pipeline-split \
    --num-virtual-stages-per-pipeline-rank 3 \
    --use-distributed-optimizer \
    --overlap-grad-reduce \
    --overlap-param-gather \
    --micro-batch-size ${MBS} \
    --global-batch-size ${GBS} \
    --bf16 \
    --lr 6.0e-5 \
    --log-interval 1"

run_cmd="python -u pretrain_gpt.py ${options}"
srun bash -c "${run_cmd}"
