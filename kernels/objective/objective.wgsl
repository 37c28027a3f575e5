// What is minimised. Twin of objective.ts.

// x to a whole power by repeated multiplication.
fn whole_power(x: f32, exponent: f32) -> f32 {
  var product = 1.0;
  for (var i = 0.0; i < abs(exponent); i += 1.0) {
    product *= x;
  }
  return select(product, 1.0 / product, exponent < 0.0);
}

// Value of objective k for the current outputs, in its own unit; smaller is better.
fn objective_value(k: u32) -> f32 {
  let offset = k * OBJECTIVE_STRIDE;
  let time_s = outputs[OUTPUT_TIME_US] * 1e-6;
  let memory_gb = outputs[OUTPUT_MEMORY_MB] * 1e-3;
  let product = objectives[offset + 4u] *
    whole_power(time_s, objectives[offset]) *
    whole_power(outputs[OUTPUT_BANDWIDTH_GBPS], objectives[offset + 1u]) *
    whole_power(outputs[OUTPUT_COST_USD], objectives[offset + 2u]) *
    whole_power(memory_gb, objectives[offset + 3u]);
  if (objectives[offset + 5u] == 0.0) {
    return product;
  }
  return sqrt(1.0 + (product - 1.0) * (product - 1.0));
}
