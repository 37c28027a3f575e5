// What is minimised. Twin of objective.ts.

// Values to whole powers, by repeated multiplication: their product.
fn product_of_powers(values: vec4<f32>, exponents: vec4<f32>) -> f32 {
  let longest = max(max(abs(exponents.x), abs(exponents.y)), max(abs(exponents.z), abs(exponents.w)));
  var powers = vec4<f32>(1.0);
  for (var i = 0.0; i < longest; i += 1.0) {
    powers *= select(vec4<f32>(1.0), values, abs(exponents) > vec4<f32>(i));
  }
  powers = select(powers, 1.0 / powers, exponents < vec4<f32>(0.0));
  return powers.x * powers.y * (powers.z * powers.w);
}

// Value of objective k for the current outputs, in its own unit; smaller is better.
fn objective_value(k: u32) -> f32 {
  let offset = k * OBJECTIVE_STRIDE;
  let exponents = vec4<f32>(
    objectives[offset],
    objectives[offset + 1u],
    objectives[offset + 2u],
    objectives[offset + 3u],
  );
  // in s, GB/s, $ and GB
  let values = vec4<f32>(
    outputs[OUTPUT_TIME_US] * 1e-6,
    outputs[OUTPUT_BANDWIDTH_GBPS],
    outputs[OUTPUT_COST_USD],
    outputs[OUTPUT_MEMORY_MB] * 1e-3,
  );
  let product = objectives[offset + 4u] * product_of_powers(values, exponents);
  if (objectives[offset + 5u] == 0.0) {
    return product;
  }
  return sqrt(1.0 + (product - 1.0) * (product - 1.0));
}
