#!/bin/bash
set -e
ENV=${1:-dsw}
CURRENT_DIR="$( cd "$( dirname "$0" )" && pwd )"
if [ -z ${MP_AC_LAYERS} ];then
    MP_AC_LAYERS=1
fi
if [ $ENV = dsw ]; then
    NNODES=1
    GPUS_PER_NODE=8
elif [ $ENV = dlc ]; then
    NNODES=${WORLD_SIZE}
    GPUS_PER_NODE=${KUBERNETES_CONTAINER_RESOURCE_GPU}
fi
if [ -z ${MP_VP} ]; then
    vp_options=""
else
    vp_options=" --num-layers-per-virtual-pipeline-stage ${MP_VP}"
fi
DISTRIBUTED_ARGS="--nproc_per_node $GPUS_PER_NODE --nnodes $NNODES --master_addr localhost --master_port $(shuf -n 1 -i 10000-65535)"
MODEL_SIZE=${2:-7B}; BATCH_SIZE=${3:-1}; GLOBAL_BATCH_SIZE=${4:-8}; SEQ_LEN=${7:-4096}; PR=${9:-bf16}
TP=${10:-2}; PP=${11:-1}; CP=${12:-1}; SP=${13:-true}; DO=${14:-true}; AC=${17:-sel}; OPTIMIZER_OFFLOAD=${18:-false}
if [ $MODEL_SIZE = 0.5B ]; then
NUM_LAYERS=24
HIDDEN_SIZE=896
elif [ $MODEL_SIZE = 7B ]; then
NUM_LAYERS=28
HIDDEN_SIZE=3584
NUM_ATTN_HEADS=28
INTERMEDIATE_SIZE=18944
NUM_KEY_VALUE_HEADS=4
gqa_options=" \
		    --group-query-attention \
		    --num-query-groups ${NUM_KEY_VALUE_HEADS}"
tie_option=" \
        --untie-embeddings-and-output-weights \
        "
fi
TP_COMM_OVERLAP=$(( ($TP > 1) ? 1 : 0 ))
comm_overlap_option="\
    --overlap-grad-reduce \
    --overlap-param-gather"
if [ $TP_COMM_OVERLAP -eq 1 ]; then
    comm_overlap_option="\
        --tp-comm-overlap \
        --overlap-grad-reduce \
        --overlap-param-gather"
fi
if [ $AC = full ]; then
    _check=$(( ($NUM_LAYERS / $PP) % ${MP_AC_LAYERS} ))
    if [ $_check != 0 ]; then
        exit -1
    fi
    activation_checkpoint_options=" --recompute-method uniform --recompute-num-layers ${MP_AC_LAYERS} --recompute-granularity full"
elif [ $AC = sel ]; then
    activation_checkpoint_options=" \
        --recompute-activations"
fi
if [ $OPTIMIZER_OFFLOAD != false ] && [ $DO = false ]; then
    DO=true
fi
if [ $DO = true ]; then
    do_options=" --use-distributed-optimizer"
fi
if [ $SP = true ] && [ $TP -gt 1 ]; then
    sp_options=" --sequence-parallel"
fi
megatron_options="  \
        --lr 1e-5 \
        --micro-batch-size ${BATCH_SIZE} \
        --global-batch-size ${GLOBAL_BATCH_SIZE} \
        --num-layers ${NUM_LAYERS} \
        --hidden-size ${HIDDEN_SIZE} \
        --num-attention-heads ${NUM_ATTN_HEADS} \
        --ffn-hidden-size ${INTERMEDIATE_SIZE} \
        --seq-length ${SEQ_LEN} \
        --max-position-embeddings 131072 \
        --max-padding-length ${SEQ_LEN} \
        --tensor-model-parallel-size ${TP} --pipeline-model-parallel-size ${PP} --context-parallel-size ${CP} \
        --extra-vocab-size 421 --patch-tokenizer-type Qwen2Tokenizer \
        --swiglu --normalization RMSNorm --norm-epsilon 1e-6 --dataset MMAP \
        --use-rotary-position-embeddings --position-embedding-type rope --rotary-base 1000000 --rotary-seq-len-interpolation-factor 1 \
        --disable-bias-linear --add-qkv-bias \
        "
run_cmd="torchrun $DISTRIBUTED_ARGS ../qwen2/pretrain_qwen2_moe.py
 ${megatron_options} --${PR} ${activation_checkpoint_options} \
 ${do_options} ${sp_options} ${gqa_options} ${comm_overlap_option} ${tie_option} ${vp_options}"
echo ${run_cmd}
eval ${run_cmd}
