// What lies in the memory of the host. Twin of offload.ts; a vector has a component for each place.

// Share of the optimiser's state that the NPU has.
fn own_share() -> f32 {
  if (!HAS_OPTIMIZER_OFFLOAD) {
    return 1.0;
  }
  return 1.0 - design[SLOT_WORKLOAD_OPTIMIZER_OFFLOAD];
}

// Layers of a stage, of so many, whose activations leave for the host.
fn offloaded_layers(layers: f32) -> f32 {
  if (!HAS_OFFLOADED_LAYERS) {
    return 0.0;
  }
  return min(design[SLOT_WORKLOAD_OFFLOADED_LAYERS], layers);
}

// How often memory has what so many layers keep of a micro-batch, of which some lie on the host.
fn times_in_memory(offloaded: f32, layers: f32, in_flight: f32) -> f32 {
  if (offloaded == 0.0) {
    return in_flight;
  }
  let buffered = min(offloaded, OFFLOAD_BUFFERS) / layers;
  return min(in_flight * (1.0 - offloaded / layers) + buffered, in_flight);
}

// Whether what layers keep may lie on the host in part: that of modules, or single tensors.
fn offloads_parts() -> bool {
  return HAS_OFFLOADED_MODULES || HAS_TENSORS_ON_HOST;
}

// What the layers of a stage keep but for those on the host, MB.
fn stage_other_mb(layers: f32) -> f32 {
  // The same where none is offloaded, but a sum, not a difference.
  if (offloads_parts()) {
    return stage_own_mb(layers);
  }
  return stage_saved_mb(layers);
}

// What the layers of a stage keep on the NPU, MB: modules and tensors on the host are those of all its layers.
fn stage_in_memory_mb(layers: f32, in_flight: f32) -> f32 {
  let in_memory_mb = times_in_memory(offloaded_layers(layers), layers, in_flight) * stage_other_mb(layers);
  if (!offloads_parts()) {
    return in_memory_mb;
  }
  return in_memory_mb + times_in_memory(layers, layers, in_flight) * stage_offloaded_mb(layers);
}

// Time of what the layers of a stage send the host, or get back, of a micro-batch, us.
fn offload_us(layers: f32) -> f32 {
  let offloaded = offloaded_layers(layers);
  let away_mb = stage_offloaded_mb(layers);
  if (offloaded == 0.0 && away_mb == 0.0) {
    return 0.0;
  }
  let sent_mb = offloaded / layers * stage_other_mb(layers) + away_mb;
  return sent_mb / (MB_PER_US * design[SLOT_COMPUTE_HOST_LINK_GBPS]);
}

// of the layers of each place, us; found once for all passes
var<private> place_copies_us: vec4<f32>;

// Finds what the layers of each place send the host; it follows from the plan.
fn find_copies() {
  if (!offloads_activations()) {
    return;
  }
  place_copies_us = vec4<f32>(
    offload_us(place_layers.x),
    offload_us(place_layers.y),
    offload_us(place_layers.z),
    offload_us(place_layers.w),
  );
}

// May whole layers, or modules or tensors of all layers, keep on the host what they need for the backward pass?
fn offloads_activations() -> bool {
  return HAS_OFFLOADED_LAYERS || offloads_parts();
}

// The longer of the layers of each place and what they send the host, us.
fn beside_offload_us(layers_us: vec4<f32>) -> vec4<f32> {
  if (!offloads_activations() || !is_training()) {
    return layers_us;
  }
  return max(layers_us, place_copies_us);
}

// Time that the host takes for its share of so many parameters (millions), us.
fn host_optimizer_us(own_m: f32) -> f32 {
  let host_m = design[SLOT_WORKLOAD_OPTIMIZER_OFFLOAD] * own_m;
  let link_mb = (main_gradient_bytes() + WEIGHT_BYTES) * host_m;
  let memory_mb = optimizer_traffic_bytes() * host_m;
  let memory_gbps = design[SLOT_COMPUTE_HOST_MEMORY_EFFICIENCY] * design[SLOT_COMPUTE_HOST_MEMORY_GBPS];
  return link_mb / (MB_PER_US * design[SLOT_COMPUTE_HOST_LINK_GBPS]) + memory_mb / (MB_PER_US * memory_gbps);
}
