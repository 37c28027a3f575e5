#!/bin/bash
# GPT 13B, interleaved
torchrun --nproc_per_node 8 --nnodes 8 pretrain_gpt.py \
  --num-layers 40 \
  --hidden-size 5120 \
  --num-attention-heads 40 \
  --seq-length 2048 \
  --max-position-embeddings 2048 \
  --tokenizer-type NullTokenizer \
  --vocab-size 50256 \
  --bf16 \
  --tensor-model-parallel-size 1 \
  --pipeline-model-parallel-size 8 \
  --num-layers-per-virtual-pipeline-stage 2 \
  --micro-batch-size 1 \
  --global-batch-size 512
