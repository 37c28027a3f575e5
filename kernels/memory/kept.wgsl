// What layers keep of a micro-batch for the backward pass. Twin of kept.ts.

// What a layer keeps of a micro-batch beyond its rows, MB.
fn beyond_rows_mb() -> f32 {
  var mb = 0.0;
  if (HAS_UNFUSED_KERNELS) {
    mb += unfused_mb();
  }
  if (HAS_EXPERT_ROOM) {
    mb += empty_places_mb();
  }
  return mb;
}

// All that one layer makes and the backward pass needs, of a micro-batch, MB.
fn layer_whole_mb() -> f32 {
  return section_saved_mb[SECTION_LAYER_FORWARD] + beyond_rows_mb();
}

// Tensors that a layer which is recomputed whole keeps all the same, of a micro-batch, MB.
fn kept_tensors_mb() -> f32 {
  if (!HAS_TENSORS_ON_HOST) {
    return tensors_mb;
  }
  return tensors_mb + tensors_on_host_mb;
}

// What such a layer makes once more, MB.
fn layer_again_mb() -> f32 {
  if (!keeps_tensors()) {
    return layer_whole_mb();
  }
  return max(layer_whole_mb() - kept_tensors_mb(), 0.0);
}

// Blocks of so many layers, of each of which the first input alone is kept.
fn recomputed_blocks(layers: f32) -> f32 {
  return ceil(layers / design[SLOT_WORKLOAD_RECOMPUTATION_BLOCK] - BLOCK_TOLERANCE);
}

// What the layers of a stage keep of a micro-batch, of which one that is not recomputed whole keeps so much, MB.
fn stage_of(layers: f32, layer_mb: f32, kept_mb: f32) -> f32 {
  if (design_count(SLOT_WORKLOAD_RECOMPUTATION) != WORKLOAD_RECOMPUTATION_FULL) {
    return layers * layer_mb;
  }
  let again = recomputed_layers(layers);
  var blocks_mb = recomputed_blocks(again) * graph_real_boundary_mb() * scales[SCALE_TOKENS_SEQ];
  if (keeps_tensors()) {
    blocks_mb += again * kept_mb;
  }
  if (!HAS_RECOMPUTED_LAYERS) {
    return blocks_mb;
  }
  return blocks_mb + (layers - again) * layer_mb;
}

// What the layers of a stage keep of a micro-batch, MB.
fn stage_saved_mb(layers: f32) -> f32 {
  return stage_of(layers, layer_whole_mb() - section_dropped_mb[SECTION_LAYER_FORWARD], kept_tensors_mb());
}

// Of that what modules and single tensors have on the host.
fn stage_offloaded_mb(layers: f32) -> f32 {
  if (!offloads_parts()) {
    return 0.0;
  }
  let full = design_count(SLOT_WORKLOAD_RECOMPUTATION) == WORKLOAD_RECOMPUTATION_FULL;
  let again = select(0.0, recomputed_layers(layers), full);
  let tensors = select(0.0, again * tensors_on_host_mb, HAS_TENSORS_ON_HOST);
  return tensors + (layers - again) * offloaded_mb;
}

// And what they leave.
fn stage_own_mb(layers: f32) -> f32 {
  return stage_of(layers, remaining_mb + beyond_rows_mb(), tensors_mb);
}
