#!/bin/bash
# Llama3-70B on 64 h100-80g, rewritten from the facts of a published run
#SBATCH --nodes=8
#SBATCH --ntasks-per-node=8

TP=${TP:-4}
PP=${PP:-8}
MBS=1
GBS=128

options=" \
    --num-layers 80 \
    --hidden-size 8192 \
    --ffn-hidden-size 28672 \
    --num-attention-heads 64 \
    --group-query-attention \
    --num-query-groups 8 \
    --seq-length 8192 \
    --max-position-embeddings 8192 \
    --position-embedding-type rope \
    --normalization RMSNorm \
    --swiglu \
    --disable-bias-linear \
    --attention-dropout 0.0 \
    --hidden-dropout 0.0 \
    --untie-embeddings-and-output-weights \
    --vocab-size 128256 \
    --tokenizer-type NullTokenizer \
    --tensor-model-parallel-size ${TP} \
    --pipeline-model-parallel-size ${PP} \
    --sequence-parallel \
    --num-virtual-stages-per-pipeline-rank 5 \
    --use-distributed-optimizer \
    --overlap-grad-reduce \
    --overlap-param-gather \
    --tp-comm-overlap \
    --micro-batch-size ${MBS} \
    --global-batch-size ${GBS} \
    --bf16 \
    --grad-reduce-in-bf16 \
    --fp8-format hybrid \
    --fp8-recipe delayed \
    --fp8-param-gather \
    --lr 6.0e-5 \
    --log-interval 1"

run_cmd="python -u pretrain_gpt.py ${options}"
srun bash -c "${run_cmd}"
