// How fast an NPU computes and reads: of each RATE, in the design's number formats. Twin of rates.ts.

// Share of the memory bandwidth that element-wise kernels reach: what the machine's do, times what a framework's do of that.
fn elementwise_efficiency() -> f32 {
  return design[SLOT_COMPUTE_MEMORY_EFFICIENCY] * design[SLOT_COMPUTE_ELEMENTWISE_SHARE];
}

// Share of the peak that attention reaches; small heads fill the matrix units badly.
fn attention_efficiency() -> f32 {
  let fused = (flags & FLAG_FUSED_ATTENTION) != 0u;
  if (HAS_SYNCHRONOUS_ATTENTION) {
    let synchronous = design[SLOT_COMPUTE_SYNCHRONOUS_ATTENTION];
    if (fused && synchronous > 0.0) {
      return synchronous * design[SLOT_COMPUTE_SYNCHRONOUS_RATE];
    }
  }
  let half_dim = select(
    design[SLOT_COMPUTE_ATTENTION_HALF_DIM],
    design[SLOT_COMPUTE_FUSED_ATTENTION_HALF_DIM],
    fused,
  );
  if (half_dim <= 0.0) {
    return design[SLOT_COMPUTE_GEMM_EFFICIENCY];
  }
  let head_dim = graph_real_head_dim();
  return head_dim / (head_dim + half_dim);
}

// Time of a MB at an efficiency of its own, if there is one.
fn memory_us_per_mb(efficiency: f32) -> f32 {
  return select(us_per_mb, 1000.0 / (design[SLOT_COMPUTE_MEMORY_BANDWIDTH_GBPS] * efficiency), efficiency > 0.0);
}

// Rates of the products of layers, and what it takes to quantise for them; without peak those of half number_format.
fn read_narrow(number_format: u32) {
  let four = has_four_bits(number_format);
  let format_peak = select(design[SLOT_COMPUTE_EIGHT_BIT_PEAK_TFLOPS], design[SLOT_COMPUTE_FOUR_BIT_PEAK_TFLOPS], four);
  let peak = format_peak * design[SLOT_COMPUTE_SUSTAINED_CLOCK];
  let share = 0.5 * operand_bytes(number_format);
  operand_share[RATE_LINEAR] = share;
  quantization_us = select(
    design[SLOT_COMPUTE_EIGHT_BIT_QUANTIZATION_US],
    design[SLOT_COMPUTE_FOUR_BIT_QUANTIZATION_US],
    four,
  );
  let quantizing_us_per_mb = memory_us_per_mb(design[SLOT_COMPUTE_QUANTIZATION_EFFICIENCY]);
  quantization_us_per_mb = (quantization_reads(number_format) + share) * quantizing_us_per_mb;
  if (peak == 0.0) {
    return;
  }
  let efficiency = select(
    design[SLOT_COMPUTE_EIGHT_BIT_GEMM_EFFICIENCY],
    design[SLOT_COMPUTE_FOUR_BIT_GEMM_EFFICIENCY],
    four,
  );
  us_per_mflop[RATE_LINEAR] = 1.0 / (peak * efficiency);
  half_depth[RATE_LINEAR] = select(
    design[SLOT_COMPUTE_EIGHT_BIT_GEMM_HALF_DEPTH],
    design[SLOT_COMPUTE_FOUR_BIT_GEMM_HALF_DEPTH],
    four,
  );
  depth_us[RATE_LINEAR] = 1e-3 * select(
    design[SLOT_COMPUTE_EIGHT_BIT_GEMM_DEPTH_NS],
    design[SLOT_COMPUTE_FOUR_BIT_GEMM_DEPTH_NS],
    four,
  );
}

// Rates of fused attention in eight bits; what a tile takes besides its products takes as long as in half number_format.
fn read_narrow_attention() {
  let peak = design[SLOT_COMPUTE_EIGHT_BIT_PEAK_TFLOPS] * design[SLOT_COMPUTE_SUSTAINED_CLOCK];
  if (peak == 0.0) {
    return;
  }
  let half_dim = design[SLOT_COMPUTE_EIGHT_BIT_ATTENTION_HALF_DIM];
  let head_dim = graph_real_head_dim();
  let efficiency = select(attention_efficiency(), head_dim / (head_dim + half_dim), half_dim > 0.0);
  let narrow_us = 1.0 / (peak * efficiency);
  half_depth[RATE_ATTENTION] *= us_per_mflop[RATE_ATTENTION] / narrow_us;
  us_per_mflop[RATE_ATTENTION] = narrow_us;
  operand_share[RATE_ATTENTION] = 0.5 * operand_bytes(WORKLOAD_PRECISION_FP8);
}

// What depends on the shapes of products.
fn read_shapes() {
  let fused = (flags & FLAG_FUSED_ATTENTION) != 0u;
  for (var rate = 0u; rate < RATE_COUNT; rate++) {
    half_depth[rate] = 0.0;
    depth_us[rate] = 0.0;
    overhead_us[rate] = design[SLOT_COMPUTE_KERNEL_OVERHEAD_US];
    operand_share[rate] = 1.0;
    rate_us_per_mb[rate] = us_per_mb;
  }
  overhead_us[RATE_CACHE] += design[SLOT_COMPUTE_ATTENTION_OVERHEAD_US];
  quantization_us = 0.0;
  quantization_us_per_mb = 0.0;
  rate_us_per_mb[RATE_GEMM] = memory_us_per_mb(design[SLOT_COMPUTE_GEMM_MEMORY_EFFICIENCY]);
  rate_us_per_mb[RATE_LINEAR] = rate_us_per_mb[RATE_GEMM];
  half_depth[RATE_GEMM] = design[SLOT_COMPUTE_GEMM_HALF_DEPTH];
  depth_us[RATE_GEMM] = 1e-3 * design[SLOT_COMPUTE_GEMM_DEPTH_NS];
  half_depth[RATE_LINEAR] = half_depth[RATE_GEMM];
  depth_us[RATE_LINEAR] = depth_us[RATE_GEMM];
  if (fused) {
    half_depth[RATE_ATTENTION] = design[SLOT_COMPUTE_ATTENTION_HALF_DEPTH];
    depth_us[RATE_ATTENTION] = 1e-3 * design[SLOT_COMPUTE_ATTENTION_DEPTH_NS];
    overhead_us[RATE_ATTENTION] += design[SLOT_COMPUTE_ATTENTION_OVERHEAD_US];
  }
  rate_us_per_mb[RATE_CACHE] = memory_us_per_mb(design[SLOT_COMPUTE_CACHE_EFFICIENCY]);
  if (!HAS_PRECISION) {
    return;
  }
  let number_format = design_count(SLOT_WORKLOAD_PRECISION);
  if (number_format != WORKLOAD_PRECISION_BF16) {
    read_narrow(number_format);
  }
  if (fused && design_count(SLOT_WORKLOAD_ATTENTION_PRECISION) != WORKLOAD_ATTENTION_PRECISION_BF16) {
    read_narrow_attention();
  }
}

// Sets the rates of an NPU: us per MFLOP of each kind of operation, per MB of memory traffic, and what depends on shapes.
fn read_rates() {
  let peak = design[SLOT_COMPUTE_PEAK_TFLOPS] * design[SLOT_COMPUTE_SUSTAINED_CLOCK];
  let gemm = 1.0 / (peak * design[SLOT_COMPUTE_GEMM_EFFICIENCY]);
  let attention = 1.0 / (peak * attention_efficiency());
  us_per_mflop[RATE_GEMM] = gemm;
  us_per_mflop[RATE_LINEAR] = gemm;
  us_per_mflop[RATE_ELEMENTWISE] = 1.0 / peak;
  us_per_mflop[RATE_ATTENTION] = attention;
  us_per_mflop[RATE_CACHE] = attention;
  us_per_mb = 1000.0 / (design[SLOT_COMPUTE_MEMORY_BANDWIDTH_GBPS] * elementwise_efficiency());
  if (HAS_SHAPES || HAS_PRECISION) {
    read_shapes();
  }
  let backward = design[SLOT_COMPUTE_ATTENTION_BACKWARD_EFFICIENCY];
  us_per_mflop[RATE_ATTENTION_BACKWARD] = us_per_mflop[RATE_ATTENTION] / backward;
  us_per_mflop[RATE_EXPERTS] = us_per_mflop[RATE_LINEAR];
  if (HAS_EXPERT_EFFICIENCY) {
    us_per_mflop[RATE_EXPERTS] /= design[SLOT_COMPUTE_EXPERT_EFFICIENCY];
  }
  if (HAS_SHAPES || HAS_PRECISION) {
    half_depth[RATE_ATTENTION_BACKWARD] = BACKWARD_PRODUCTS * half_depth[RATE_ATTENTION];
    depth_us[RATE_ATTENTION_BACKWARD] = depth_us[RATE_ATTENTION];
    overhead_us[RATE_ATTENTION_BACKWARD] = overhead_us[RATE_ATTENTION];
    operand_share[RATE_ATTENTION_BACKWARD] = operand_share[RATE_ATTENTION];
    half_depth[RATE_EXPERTS] = half_depth[RATE_LINEAR];
    depth_us[RATE_EXPERTS] = depth_us[RATE_LINEAR];
    overhead_us[RATE_EXPERTS] = overhead_us[RATE_LINEAR];
    rate_us_per_mb[RATE_EXPERTS] = rate_us_per_mb[RATE_LINEAR];
    operand_share[RATE_EXPERTS] = operand_share[RATE_LINEAR];
  }
}
