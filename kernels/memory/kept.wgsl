// What layers keep of a micro-batch for the backward pass. Twin of kept.ts.

// All that one layer makes and the backward pass needs, of a micro-batch, MB.
fn layer_whole_mb() -> f32 {
  if (HAS_UNFUSED_KERNELS) {
    return section_saved_mb[SECTION_LAYER_FORWARD] + unfused_mb();
  }
  return section_saved_mb[SECTION_LAYER_FORWARD];
}

// Activations that one layer keeps of a micro-batch, MB.
fn layer_saved_mb() -> f32 {
  if (design_count(SLOT_WORKLOAD_RECOMPUTATION) == WORKLOAD_RECOMPUTATION_FULL) {
    return graph_real_boundary_mb() * scales[SCALE_TOKENS_SEQ];
  }
  return layer_whole_mb() - section_dropped_mb[SECTION_LAYER_FORWARD];
}

// Layers of a stage that keep something: with full recomputation the first of each block.
fn kept_layers(layers: f32) -> f32 {
  let blocks = ceil(layers / design[SLOT_WORKLOAD_RECOMPUTATION_BLOCK] - BLOCK_TOLERANCE);
  return select(layers, blocks, design_count(SLOT_WORKLOAD_RECOMPUTATION) == WORKLOAD_RECOMPUTATION_FULL);
}
