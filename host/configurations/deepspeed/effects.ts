/** Settings of DeepSpeed that no row reads. */
import { beginning, type NotSimulated } from '../framework.js';

const SECTIONS_WITHOUT_EFFECT = String.raw`
  optimizer scheduler gradient_clipping prescale_gradients gradient_predivide steps_per_print wall_clock dump_state
  flops_profiler tensorboard wandb csv_monitor comet comms_logger monitor checkpoint data_types zero_allow zero_force
  aio bf16 fp16 bfloat16 amp torch_autocast fp32_allreduce sparse_gradients disable_allgather seq_parallel_communication
  zero_optimization\.offload_\w+\.(pin_memory|buffer_|pipeline|fast_init) activation_checkpointing elasticity compile
  autotuning timers dataloader data_efficiency curriculum _comment hf_ tensor_parallel nebula use_node_local
  zero_optimization\.(allgather|reduce_scatter|contiguous|sub_group|stage3_|round_robin|ignore|elastic|memory|log|legacy|use_all|leaf)
`;

export const WITHOUT_EFFECT = beginning('', SECTIONS_WITHOUT_EFFECT);

export const NOT_SIMULATED: readonly NotSimulated[] = [
  { settings: /^zero_optimization\.(zero_)?(hpz_|quantized_)/, instead: 'all shards are gathered, in half precision' },
  { settings: /^pipeline\./, instead: 'the job has one stage' },
  {
    settings: /^zero_optimization\.(offload_(?!\w+\.(pin_memory|buffer_|pipeline|fast_init))|cpu_offload)/,
    instead: 'nothing is kept on the host',
  },
];
