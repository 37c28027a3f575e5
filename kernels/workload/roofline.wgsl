// Share of the peak that an operation reaches; small heads fill the matrix units badly.
fn arithmetic_efficiency(kind: u32) -> f32 {
  if (kind == KIND_ELEMENTWISE) {
    return 1.0;
  }
  let fused = (flags & FLAG_FUSED_ATTENTION) != 0u;
  let half_dim = select(
    design[SLOT_COMPUTE_ATTENTION_HALF_DIM],
    design[SLOT_COMPUTE_FUSED_ATTENTION_HALF_DIM],
    fused,
  );
  if (kind != KIND_ATTENTION || half_dim <= 0.0) {
    return design[SLOT_COMPUTE_GEMM_EFFICIENCY];
  }
  let head_dim = graph_real(GRAPH_REAL_HEAD_DIM);
  return head_dim / (head_dim + half_dim);
}

// Time of an operation that does not communicate: the longer of arithmetic (MFLOP) and traffic (MB), us. Twin of roofline.ts.
fn roofline_us(kind: u32, mflop: f32, traffic_mb: f32) -> f32 {
  let arithmetic_us = mflop / (design[SLOT_COMPUTE_PEAK_TFLOPS] * arithmetic_efficiency(kind));
  let memory_gbps = design[SLOT_COMPUTE_MEMORY_BANDWIDTH_GBPS] * design[SLOT_COMPUTE_MEMORY_EFFICIENCY];
  let traffic_us = traffic_mb * 1000.0 / memory_gbps;
  return max(arithmetic_us, traffic_us) + design[SLOT_COMPUTE_KERNEL_OVERHEAD_US];
}
