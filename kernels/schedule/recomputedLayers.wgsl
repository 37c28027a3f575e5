// Layers that full recomputation leaves out. Twin of recomputedLayers.ts.

// Layers of a stage, of so many, that full recomputation runs again.
fn recomputed_layers(layers: f32) -> f32 {
  let stated = design[SLOT_WORKLOAD_RECOMPUTED_LAYERS];
  if (!HAS_RECOMPUTED_LAYERS || stated == 0.0) {
    return layers;
  }
  return min(stated * model_chunks(), layers);
}

// How much of full recomputation the layer runs that is the mean of all: as if all stages had as many.
fn layer_again_share() -> f32 {
  let stated = design[SLOT_WORKLOAD_RECOMPUTED_LAYERS];
  if (stated == 0.0 || (flags & FLAG_RECOMPUTE_ALL) == 0u) {
    return 1.0;
  }
  return min(stated * model_chunks() * stages() / f32(graph_integer_layers()), 1.0);
}

// The same as it was planned.
fn again_share() -> f32 {
  if (!HAS_RECOMPUTED_LAYERS) {
    return 1.0;
  }
  return planned_again_share;
}
