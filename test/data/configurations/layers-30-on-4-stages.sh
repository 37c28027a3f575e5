#!/bin/bash
# 30 layers on 4 stages
torchrun --nproc_per_node 8 --nnodes 1 pretrain_gpt.py \
  --num-layers 30 \
  --hidden-size 2048 \
  --num-attention-heads 16 \
  --seq-length 2048 \
  --max-position-embeddings 2048 \
  --tokenizer-type NullTokenizer \
  --vocab-size 50256 \
  --bf16 \
  --tensor-model-parallel-size 2 \
  --pipeline-model-parallel-size 4 \
  --micro-batch-size 1 \
  --global-batch-size 64
