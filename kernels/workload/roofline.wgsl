// Time of an operation that does not communicate: the longer of arithmetic (MFLOP) and traffic (MB), us. Twin of roofline.ts.
fn roofline_us(rate: u32, mflop: f32, traffic_mb: f32) -> f32 {
  return max(mflop * us_per_mflop[rate], traffic_mb * us_per_mb) + design[SLOT_COMPUTE_KERNEL_OVERHEAD_US];
}

// Arithmetic of a product whose result is so large, us; what fills up its tiles makes them no deeper.
fn arithmetic_us(rate: u32, mflop: f32, fill_mflop: f32, result_mb: f32) -> f32 {
  let depth = select(0.0, mflop / result_mb, result_mb > 0.0);
  return (mflop + fill_mflop + half_depth[rate] * result_mb) * us_per_mflop[rate] + depth_us[rate] * depth;
}

// What fills up the tiles of the experts' products, MFLOP.
fn fill_mflop(rate: u32, weight_mb: f32) -> f32 {
  return select(0.0, design[SLOT_COMPUTE_EXPERT_PADDING] * weight_mb, rate == RATE_EXPERTS);
}

// Memory traffic of a product, us; sizes in half precision.
fn traffic_us(rate: u32, operand_mb: f32, result_mb: f32) -> f32 {
  return (operand_mb * operand_share[rate] + result_mb) * rate_us_per_mb[rate];
}

// Time of a product by its shape and number format, us.
fn product_us(rate: u32, mflop: f32, fill: f32, operand_mb: f32, result_mb: f32, quantized_mb: f32) -> f32 {
  let us = max(arithmetic_us(rate, mflop, fill, result_mb), traffic_us(rate, operand_mb, result_mb));
  let quantizing_us = quantization_us + quantized_mb * quantization_us_per_mb;
  return us + select(0.0, quantizing_us, HAS_PRECISION && quantized_mb > 0.0) + overhead_us[rate];
}

// A row of an op graph: by its shape where times depend on shapes or formats, else by the sum of its traffic.
fn row_us(rate: u32, mflop: f32, fill: f32, traffic_mb: f32, operand_mb: f32, result_mb: f32, quantized_mb: f32) -> f32 {
  if (HAS_SHAPES || HAS_PRECISION) {
    return product_us(rate, mflop, fill, operand_mb, result_mb, quantized_mb);
  }
  return roofline_us(rate, mflop, traffic_mb);
}
