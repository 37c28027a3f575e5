// Time of an operation that does not communicate: the longer of arithmetic (MFLOP) and traffic (MB), us. Twin of roofline.ts.
fn roofline_us(kind: u32, mflop: f32, traffic_mb: f32) -> f32 {
  let efficiency = select(1.0, design[SLOT_COMPUTE_GEMM_EFFICIENCY], kind == KIND_GEMM);
  let arithmetic_us = mflop / (design[SLOT_COMPUTE_PEAK_TFLOPS] * efficiency);
  let memory_gbps = design[SLOT_COMPUTE_MEMORY_BANDWIDTH_GBPS] * design[SLOT_COMPUTE_MEMORY_EFFICIENCY];
  let traffic_us = traffic_mb * 1000.0 / memory_gbps;
  return max(arithmetic_us, traffic_us) + design[SLOT_COMPUTE_KERNEL_OVERHEAD_US];
}
