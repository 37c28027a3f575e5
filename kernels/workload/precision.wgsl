// Number formats of products. Twin of precision.ts.

fn has_four_bits(number_format: u32) -> bool {
  return number_format == WORKLOAD_PRECISION_NVFP4;
}

// Whether there are rates of the formats that the design asks for.
fn check_precision() {
  let number_format = design_count(SLOT_WORKLOAD_PRECISION);
  let eight_bit = design[SLOT_COMPUTE_EIGHT_BIT_PEAK_TFLOPS];
  let peak = select(eight_bit, design[SLOT_COMPUTE_FOUR_BIT_PEAK_TFLOPS], has_four_bits(number_format));
  let missing = number_format != WORKLOAD_PRECISION_BF16 && peak == 0.0;
  let attends = design_count(SLOT_WORKLOAD_ATTENTION_PRECISION) != WORKLOAD_ATTENTION_PRECISION_BF16;
  if (missing || (attends && eight_bit == 0.0)) {
    status |= STATUS_PRECISION;
  }
}
