#!/bin/bash
# 80 layers, interleaved
torchrun --nproc_per_node 8 --nnodes 16 pretrain_gpt.py \
  --num-layers 80 \
  --hidden-size 8192 \
  --num-attention-heads 64 \
  --seq-length 2048 \
  --max-position-embeddings 2048 \
  --tokenizer-type NullTokenizer \
  --vocab-size 50256 \
  --bf16 \
  --tensor-model-parallel-size 8 \
  --sequence-parallel \
  --pipeline-model-parallel-size 16 \
  --num-layers-per-virtual-pipeline-stage 2 \
  --micro-batch-size 1 \
  --global-batch-size 512
