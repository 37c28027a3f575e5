#!/bin/bash
# 2 query groups over 8 ranks
torchrun --nproc_per_node 8 --nnodes 1 pretrain_gpt.py \
  --num-layers 36 \
  --hidden-size 2048 \
  --ffn-hidden-size 11008 \
  --num-attention-heads 16 \
  --group-query-attention \
  --num-query-groups 2 \
  --seq-length 4096 \
  --max-position-embeddings 4096 \
  --position-embedding-type rope \
  --normalization RMSNorm \
  --swiglu \
  --disable-bias-linear \
  --add-qkv-bias \
  --tokenizer-type NullTokenizer \
  --vocab-size 151935 \
  --tensor-model-parallel-size 8 \
  --sequence-parallel \
  --micro-batch-size 1 \
  --global-batch-size 64 \
  --bf16
