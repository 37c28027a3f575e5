// What one layer takes in a full pipeline: its chain beside the traffic of weights and gradients. Twin of layer.ts.

// bytes per parameter: half-precision weights, gradients accumulated in single precision
const WEIGHT_BYTES: f32 = 2.0;
const GRADIENT_BYTES: f32 = 4.0;

fn is_training() -> bool {
  return graph_integer(GRAPH_INTEGER_PHASE) == PHASE_TRAINING;
}

fn weight_sharding() -> u32 {
  return design_count(SLOT_WORKLOAD_WEIGHT_SHARDING);
}

// Bytes of a gradient on its way between the replicas.
fn gradient_bytes() -> f32 {
  return design[SLOT_WORKLOAD_GRADIENT_BYTES];
}

// Sharded gradients always leave layer by layer; others wait for the end where the framework does not overlap them.
fn overlaps_gradients() -> bool {
  return design_count(SLOT_WORKLOAD_GRADIENT_OVERLAP) == 1u || weight_sharding() == WORKLOAD_WEIGHT_SHARDING_ZERO3;
}

// Parameters of a layer on one NPU that data-parallel ranks replicate, in millions.
fn layer_dense_m() -> f32 {
  return graph_real(GRAPH_REAL_DENSE_M) * scales[SCALE_WEIGHT] + graph_real(GRAPH_REAL_KV_M) * scales[SCALE_WEIGHT_KV];
}

// Parameters of a layer's experts on one NPU, in millions.
fn layer_expert_m() -> f32 {
  return graph_real(GRAPH_REAL_EXPERT_M) * scales[SCALE_WEIGHT_EXPERT];
}

// Parameters of the embedding or the head on one NPU, in millions.
fn edge_m(place: u32) -> f32 {
  return graph_real(place) * scales[SCALE_WEIGHT];
}

// The collective that makes gradients whole: each rank keeps all of them, or its shard.
fn gradient_collective() -> u32 {
  return select(COLLECTIVE_REDUCE_SCATTER, COLLECTIVE_ALL_REDUCE, weight_sharding() == WORKLOAD_WEIGHT_SHARDING_NONE);
}

// A collective over the replicas of weights, in millions of parameters, experts after the rest: its time, us, and into
// busy_us its use.
fn replica_us(kind: u32, bytes: f32, dense_m: f32, expert_m: f32) -> f32 {
  var total_us = 0.0;
  var total_busy_us = vec4<f32>(0.0);
  for (var i = 0u; i < 2u; i++) {
    collective(kind, select(GROUP_DATA, GROUP_EXPERT_DATA, i == 1u), select(dense_m, expert_m, i == 1u) * bytes);
    total_us += collective_us;
    total_busy_us += busy_us;
  }
  busy_us = total_busy_us;
  return total_us;
}

// Stretches the traffic of sharded weights to the bandwidth that it reaches.
fn slow_sharded_traffic() {
  let factor = 1.0 / design[SLOT_NETWORK_SHARDING_EFFICIENCY];
  gather_us *= factor;
  gradient_us *= factor;
  gather_busy_us *= factor;
  gradient_busy_us *= factor;
}

// Sets the traffic of a layer beside its chain: gathers of sharded weights and reductions of gradients.
fn layer_traffic() {
  gather_us = 0.0;
  gather_busy_us = vec4<f32>(0.0);
  gradient_us = 0.0;
  gradient_busy_us = vec4<f32>(0.0);
  if (weight_sharding() == WORKLOAD_WEIGHT_SHARDING_ZERO3) {
    gather_us = replica_us(COLLECTIVE_ALL_GATHER, WEIGHT_BYTES, layer_dense_m(), layer_expert_m());
    gather_busy_us = busy_us;
  }
  if (is_training()) {
    gradient_us = replica_us(gradient_collective(), gradient_bytes(), layer_dense_m(), layer_expert_m());
    gradient_busy_us = busy_us;
  }
  if (weight_sharding() == WORKLOAD_WEIGHT_SHARDING_ZERO3) {
    slow_sharded_traffic();
  }
}

// Runs a section and keeps what came out.
fn run_section(section: u32) {
  chain(section);
  section_us[section] = chain_us;
  section_loaded_us[section] = chain_loaded_us;
  section_compute_us[section] = chain_compute_us;
  section_host_us[section] = chain_host_us;
  section_exposed_us[section] =
    vec3<f32>(chain_exposed_us[GROUP_TP], chain_exposed_us[GROUP_SP], chain_exposed_us[GROUP_EP]);
  section_saved_mb[section] = chain_saved_mb;
}

// Runs every section of the graph once, layers beside their traffic; the forward layer last, so that the chain's core
// memory is its.
fn run_sections() {
  for (var i = 1u; i <= SECTION_COUNT; i++) {
    let section = (SECTION_LAYER_FORWARD + i) % SECTION_COUNT;
    load_us = vec4<f32>(0.0);
    if (section == SECTION_LAYER_FORWARD) {
      load_us = gather_busy_us;
    }
    if (section == SECTION_LAYER_BACKWARD) {
      load_us = gather_busy_us;
      if (overlaps_gradients()) {
        load_us += gradient_busy_us;
      }
    }
    run_section(section);
    if (section == SECTION_LAYER_BACKWARD) {
      backward_block_us = chain_block_us;
    }
  }
  forward_block_us = chain_block_us;
}

// Sets the periods of a layer, us.
fn layer() {
  layer_traffic();
  run_sections();
  forward_period_us = section_us[SECTION_LAYER_FORWARD];
  backward_period_us = section_us[SECTION_LAYER_BACKWARD];
  last_backward_period_us = section_loaded_us[SECTION_LAYER_BACKWARD];
  if (weight_sharding() != WORKLOAD_WEIGHT_SHARDING_ZERO3) {
    return;
  }
  forward_period_us = max(section_loaded_us[SECTION_LAYER_FORWARD], gather_us);
  // Inference has no backward pass to gather weights for.
  let training = is_training();
  backward_period_us = select(0.0, max(max(last_backward_period_us, gather_us), gradient_us), training);
  for (var d = 0u; d < MAX_DIMENSIONS; d++) {
    let gather = gather_busy_us[d];
    let gradient = gradient_busy_us[d];
    forward_period_us = max(forward_period_us, forward_block_us[d] + gather);
    if (training) {
      backward_period_us = max(backward_period_us, backward_block_us[d] + gather + gradient);
    }
  }
  let alone = 1.0 - design[SLOT_WORKLOAD_SHARDING_OVERLAP];
  forward_period_us += alone * min(section_us[SECTION_LAYER_FORWARD], gather_us);
  if (training) {
    backward_period_us += alone * min(section_us[SECTION_LAYER_BACKWARD], gather_us + gradient_us);
  }
  last_backward_period_us = backward_period_us;
}
