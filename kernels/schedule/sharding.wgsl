// What replicas hold in shards and when they make it whole, and the sizes of what a parameter has. Twin of sharding.ts.

fn weight_sharding() -> u32 {
  return design_count(SLOT_WORKLOAD_WEIGHT_SHARDING);
}

// Are weights sharded, so that they are gathered layer by layer?
fn gathers_weights() -> bool {
  return weight_sharding() == WORKLOAD_WEIGHT_SHARDING_ZERO3;
}

// Bytes of the half-precision shard of a weight that is gathered: none where what the optimiser has is rounded on its way.
fn shard_bytes() -> f32 {
  let rounded = design_count(SLOT_WORKLOAD_WEIGHT_SHARDS) == WORKLOAD_WEIGHT_SHARDS_MASTER
    && design[SLOT_WORKLOAD_MASTER_WEIGHT_BYTES] > 0.0;
  return select(WEIGHT_BYTES, 0.0, HAS_MASTER_SHARDS && rounded);
}

// After which pass gathered weights are dropped.
fn reshard_after() -> u32 {
  return select(WORKLOAD_RESHARD_AFTER_FORWARD, design_count(SLOT_WORKLOAD_RESHARD_AFTER), HAS_RESHARDING);
}

// Does each forward pass gather them, or only the first of a step?
fn gathers_forward() -> bool {
  return gathers_weights() && reshard_after() != WORKLOAD_RESHARD_AFTER_STEP;
}

// Does each backward pass gather them again?
fn gathers_backward() -> bool {
  return gathers_weights() && reshard_after() == WORKLOAD_RESHARD_AFTER_FORWARD;
}

// Are weights gathered beside the layer before, or when their own turn has come?
fn prefetches() -> bool {
  return !HAS_LATE_GATHERS || design[SLOT_WORKLOAD_PREFETCH_LAYERS] > 0.0;
}

// Layers whose gathered weights are alive at once: the one that runs and those gathered ahead, or all that stay gathered.
fn gathered_layers(layers: f32) -> f32 {
  return select(layers, min(layers, 1.0 + design[SLOT_WORKLOAD_PREFETCH_LAYERS]), gathers_backward());
}

// Do gradients that are sharded leave layer by layer, of each micro-batch?
fn scatters_gradients() -> bool {
  let each = !HAS_LATE_SCATTERS || design_count(SLOT_WORKLOAD_GRADIENT_SYNC) == WORKLOAD_GRADIENT_SYNC_MICRO_BATCH;
  return each && (gathers_weights() || weight_sharding() == WORKLOAD_WEIGHT_SHARDING_ZERO2);
}

// Are gathered weights copied out of what their collective wrote, each to where its products read it?
fn copies_weights() -> bool {
  return gathers_weights() && design_count(SLOT_WORKLOAD_SHARD_LAYOUT) == WORKLOAD_SHARD_LAYOUT_PER_PARAMETER;
}

// Are gradients copied to where their collective reads them?
fn copies_gradients() -> bool {
  return gathers_weights() && design_count(SLOT_WORKLOAD_SHARD_LAYOUT) != WORKLOAD_SHARD_LAYOUT_IN_PLACE;
}

// Do replicas of whole weights, each of whose optimisers updates a shard, gather them at the end of a step?
fn gathers_updates() -> bool {
  return !gathers_weights() && weight_sharding() != WORKLOAD_WEIGHT_SHARDING_NONE;
}

// Bytes of a gradient on its way between the replicas.
fn gradient_bytes() -> f32 {
  return design[SLOT_WORKLOAD_GRADIENT_BYTES];
}

// Bytes of a gradient in memory, summed over the micro-batches.
fn main_gradient_bytes() -> f32 {
  return design[SLOT_WORKLOAD_MAIN_GRADIENT_BYTES];
}

// Do operations of their own add gradients to those of micro-batches before? Of shards that leave layer by layer there is little to add.
fn adds_gradients() -> bool {
  return design_count(SLOT_WORKLOAD_GRADIENT_ACCUMULATION) == 1u && !scatters_gradients();
}

// Bytes of a parameter's optimiser state: a master copy of the weight and Adam's two moments.
fn optimizer_bytes() -> f32 {
  return design[SLOT_WORKLOAD_MASTER_WEIGHT_BYTES] + 2.0 * design[SLOT_WORKLOAD_MOMENT_BYTES];
}

// Bytes that Adam moves per parameter: its gradient, the state in and out, and the weight, read too where it is the master.
fn optimizer_traffic_bytes() -> f32 {
  let weight_bytes = select(2.0 * WEIGHT_BYTES, WEIGHT_BYTES, design[SLOT_WORKLOAD_MASTER_WEIGHT_BYTES] > 0.0);
  return main_gradient_bytes() + 2.0 * optimizer_bytes() + weight_bytes;
}

// Bytes per parameter that Adam moves besides where each operation is a kernel.
fn optimizer_passes_bytes() -> f32 {
  let each = HAS_UNFUSED_OPTIMIZER && design_count(SLOT_WORKLOAD_OPTIMIZER_KERNEL) == WORKLOAD_OPTIMIZER_KERNEL_UNFUSED;
  return select(0.0, main_gradient_bytes() + 10.0 * design[SLOT_WORKLOAD_MOMENT_BYTES], each);
}

// Gradients that are scattered always leave layer by layer; others wait for the end where the framework does not overlap them.
fn overlaps_gradients() -> bool {
  return design_count(SLOT_WORKLOAD_GRADIENT_OVERLAP) == 1u || scatters_gradients();
}

// The collective that makes gradients whole: each rank keeps all of them, or its shard.
fn gradient_collective() -> u32 {
  return select(COLLECTIVE_REDUCE_SCATTER, COLLECTIVE_ALL_REDUCE, weight_sharding() == WORKLOAD_WEIGHT_SHARDING_NONE);
}
