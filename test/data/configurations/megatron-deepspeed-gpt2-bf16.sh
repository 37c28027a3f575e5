#!/bin/bash
DIR=`pwd`
script_path=$(realpath $0)
script_dir=$(dirname $script_path)
CONFIG_JSON="$script_dir/ds_config.json"
ZERO_STAGE=${ZERO_STAGE:-1}
if [[ ! $ZERO_STAGE =~ ^[1-3]$ ]]; then
    echo "Error: ZERO_STAGE must be 1, 2, or 3"
    exit 1
fi
DTYPE="bf16"
DEBUG_MODE=${DEBUG_MODE:-0}
if [[ $DEBUG_MODE == 1 ]]; then
  LAYERS=4; HIDDEN=512; SEQ=512; SIZE_TAG="toy"
else
  HIDDEN=1024
  LAYERS=24
  SEQ=1024
  SIZE_TAG="big"
fi
TP=${TP:-1}
PP=${PP:-1}
DP=${DP:-1}
SP=${SP:-1}
WORLD_SIZE=$((TP*PP*DP*SP))
MICRO_BATCH=${MICRO_BATCH:-4}
GLOBAL_BATCH=$((MICRO_BATCH*WORLD_SIZE))
LOG_DIR="tb/tp${TP}_pp${PP}"
while [[ $# -gt 0 ]]
do
key="$1"
case $key in
    -z|--zero-stage)
    ZERO_STAGE=$2;
    shift
    ;;
    *)
    usage
    exit 1
    ;;
esac
done
options=" \
	--tensor-model-parallel-size $TP \
	--pipeline-model-parallel-size $PP \
	--ds-sequence-parallel-size $SP \
        --num-layers $LAYERS \
        --hidden-size $HIDDEN \
        --num-attention-heads 32 \
        --seq-length $SEQ \
        --loss-scale 12 \
        --max-position-embeddings $SEQ \
	--micro-batch-size $MICRO_BATCH \
	--global-batch-size $GLOBAL_BATCH \
	--train-iters 1000 \
        --lr 6.0e-3 --min-lr 6.0e-4 --lr-decay-style cosine \
        --data-path ds --vocab-file gpt2-vocab.json --merge-file gpt2-merges.txt \
        --split 98,2,0 --clip-grad 1.0 \
        --${DTYPE} \
	--checkpoint-activations \
        --make-vocab-size-divisible-by 256 \
	--tensorboard-dir $LOG_DIR
        "
options="${options} \
        --deepspeed \
        --deepspeed_config=${CONFIG_JSON} \
        --zero-stage=${ZERO_STAGE} \
        --deepspeed-activation-checkpointing \
"
if [[ ${ZERO_STAGE} -gt 1 ]]; then
options="${options} \
    --no-pipeline-parallel"
fi
cat <<EOT > $CONFIG_JSON
{
  "train_batch_size" : $GLOBAL_BATCH,
  "train_micro_batch_size_per_gpu": $MICRO_BATCH,
  "zero_optimization": { "stage": $ZERO_STAGE },
  "bf16": { "enabled": true },
  "data_types": { "grad_accum_dtype": "fp32" },
  "wall_clock_breakdown" : false
}
EOT
WORKER_STR="--num_nodes 1 --num_gpus $WORLD_SIZE"
run_cmd="deepspeed --master_port 29700 $WORKER_STR ${DIR}/pretrain_gpt.py $@ ${options}"
echo ${options}
eval ${run_cmd}
set +x
