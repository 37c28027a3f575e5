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

// Sets the rates of an NPU: us per MFLOP of each kind of operation, and per MB of memory traffic.
fn read_rates() {
  for (var kind = 0u; kind < KIND_COUNT; kind++) {
    us_per_mflop[kind] = 1.0 / (design[SLOT_COMPUTE_PEAK_TFLOPS] * arithmetic_efficiency(kind));
  }
  us_per_mb = 1000.0 / (design[SLOT_COMPUTE_MEMORY_BANDWIDTH_GBPS] * design[SLOT_COMPUTE_MEMORY_EFFICIENCY]);
}

// Time of an operation that does not communicate: the longer of arithmetic (MFLOP) and traffic (MB), us. Twin of roofline.ts.
fn roofline_us(kind: u32, mflop: f32, traffic_mb: f32) -> f32 {
  return max(mflop * us_per_mflop[kind], traffic_mb * us_per_mb) + design[SLOT_COMPUTE_KERNEL_OVERHEAD_US];
}
