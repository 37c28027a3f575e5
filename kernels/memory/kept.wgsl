// What layers keep of a micro-batch for the backward pass. Twin of kept.ts.

// All that one layer makes and the backward pass needs, of a micro-batch, MB.
fn layer_whole_mb() -> f32 {
  if (HAS_UNFUSED_KERNELS) {
    return section_saved_mb[SECTION_LAYER_FORWARD] + unfused_mb();
  }
  return section_saved_mb[SECTION_LAYER_FORWARD];
}

// Activations that one layer keeps of a micro-batch, the first of a block where it is recomputed in full, MB.
fn layer_saved_mb() -> f32 {
  if (design_count(SLOT_WORKLOAD_RECOMPUTATION) == WORKLOAD_RECOMPUTATION_FULL) {
    return graph_real_boundary_mb() * scales[SCALE_TOKENS_SEQ];
  }
  return layer_whole_mb() - section_dropped_mb[SECTION_LAYER_FORWARD];
}

// Blocks of so many layers, of each of which the first input alone is kept.
fn recomputed_blocks(layers: f32) -> f32 {
  return ceil(layers / design[SLOT_WORKLOAD_RECOMPUTATION_BLOCK] - BLOCK_TOLERANCE);
}

// What the layers of a stage keep of a micro-batch, MB.
fn stage_saved_mb(layers: f32) -> f32 {
  if (design_count(SLOT_WORKLOAD_RECOMPUTATION) != WORKLOAD_RECOMPUTATION_FULL) {
    return layers * layer_saved_mb();
  }
  let again = recomputed_layers(layers);
  let blocks_mb = recomputed_blocks(again) * layer_saved_mb();
  if (!HAS_RECOMPUTED_LAYERS) {
    return blocks_mb;
  }
  return blocks_mb + (layers - again) * layer_whole_mb();
}
