// Bounds of a box: outputs that no design in it beats, and some that none exceeds. Twin of bounder.ts: the network and the
// collectives are those of a box, all else of a step is as the simulator has it.

// ends of the outputs that goals may read; the least are the `outputs`
var<private> most_outputs: array<f32, OUTPUT_COUNT>;
// whether no algorithm admits a channel that is in use
var<private> refused: bool;
// whether the rounding of f32 may have decided a status or a limit
var<private> doubtful: bool;

// Whether the rounding of f32 may have decided which of two numbers, of the same unit, is larger.
fn is_close(a: f32, b: f32) -> bool {
  return abs(a - b) <= BOUND_MARGIN * max(abs(a), abs(b));
}

fn sum_dimensions(values: vec4<f32>) -> f32 {
  return values.x + values.y + (values.z + values.w);
}

// Bounds what all graphs share: the network and the channels. The statuses that all designs of the box have.
fn bound_network() -> u32 {
  npus = design_dimensions(SLOT_NETWORK_NPUS);
  lay_out();
  read_rates();
  bound_prices((request.infeasible & STATUS_PRICE) != 0u);
  bound_rates();
  bound_channels();
  bound_links();
  return layout_status | select(0u, STATUS_PRICE, any(allowed == vec4<u32>(0u)));
}

// Adds the current graph, whose step is timed, as a design adds it.
fn bound_rows() {
  let weight = graph_real_weight();
  let sequences = weight * f32(global_batch());
  outputs[OUTPUT_TIME_US] += weight * step_us;
  outputs[OUTPUT_MEMORY_MB] = max(outputs[OUTPUT_MEMORY_MB], parts[OUTPUT_MEMORY_MB]);
  most_outputs[OUTPUT_MFU] += sequences * graph_real_model_mflop();
  most_outputs[OUTPUT_TOKENS_PER_SECOND] += sequences * graph_real_tokens();
}

// Bounds the step of the current graph. The statuses that all designs of the box have in it.
fn bound_graph() -> u32 {
  plan();
  memory();
  time_optimizer();
  bound_calls();
  bound_gradients();
  stale_plan = true;
  stale_stages = true;
  time_step();
  bound_rows();
  refused = refused || (bad_channels & used_channels) != 0u;
  doubtful = doubtful || is_close(parts[OUTPUT_RESERVED_MB], usable_mb());
  return plan_status | memory_status;
}

// Ends the rows of a box: what grows with the rate goes to the other end.
fn finish_rows() {
  let least_us = outputs[OUTPUT_TIME_US];
  outputs[OUTPUT_BANDWIDTH_GBPS] = sum_dimensions(least_gbps);
  outputs[OUTPUT_COST_USD] = system_npus() * sum_dimensions(least_usd);
  most_outputs[OUTPUT_TIME_US] = LARGEST;
  most_outputs[OUTPUT_MEMORY_MB] = outputs[OUTPUT_MEMORY_MB];
  most_outputs[OUTPUT_BANDWIDTH_GBPS] = sum_dimensions(most_gbps);
  most_outputs[OUTPUT_COST_USD] = system_npus() * sum_dimensions(most_usd);
  most_outputs[OUTPUT_MFU] /= least_us * system_npus() * design[SLOT_COMPUTE_PEAK_TFLOPS];
  most_outputs[OUTPUT_TOKENS_PER_SECOND] *= 1e6 / least_us;
}

// Bounds the box whose values are read, by the least of each coefficient. Its status.
fn bound_box() -> u32 {
  start_outputs();
  most_outputs[OUTPUT_MFU] = 0.0;
  most_outputs[OUTPUT_TOKENS_PER_SECOND] = 0.0;
  refused = false;
  doubtful = false;
  var reasons = bound_network();
  reasons |= bound_graphs();
  finish_rows();
  // As in f64, channels are looked at where nothing else is wrong.
  return select(reasons, STATUS_ALGORITHM, reasons == 0u && refused);
}
