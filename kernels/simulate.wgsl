// The simulator: reads `design`, writes `outputs`, returns the status. Twin of simulate.ts.

// Adds the current graph to the outputs: times with its weight, memory as the largest of all graphs.
fn add_graph() {
  read_graph();
  step_graph();
  let weight = graph_real(GRAPH_REAL_WEIGHT);
  let batch = f32(global_batch());
  for (var part = OUTPUT_TIME_US; part <= OUTPUT_OPTIMIZER_US; part++) {
    outputs[part] += weight * parts[part];
  }
  outputs[OUTPUT_TOKENS_PER_SECOND] += weight * batch * graph_real(GRAPH_REAL_TOKENS);
  outputs[OUTPUT_MFU] += weight * batch * graph_real(GRAPH_REAL_MODEL_MFLOP);
  memory();
  if (parts[OUTPUT_MEMORY_MB] > outputs[OUTPUT_MEMORY_MB]) {
    for (var part = OUTPUT_MEMORY_MB; part <= OUTPUT_WORKING_MB; part++) {
      outputs[part] = parts[part];
    }
  }
}

// Evaluates the design.
fn simulate() -> u32 {
  status = 0u;
  for (var i = 0u; i < OUTPUT_COUNT; i++) {
    outputs[i] = 0.0;
  }
  read_network();
  lay_axes();
  let system_npus = npus.x * npus.y * npus.z * npus.w;
  let degrees = design_count(SLOT_WORKLOAD_TP) * design_count(SLOT_WORKLOAD_SP) *
    design_count(SLOT_WORKLOAD_DP) * design_count(SLOT_WORKLOAD_PP);
  if (degrees != system_npus) {
    status |= STATUS_NPUS;
  }
  for (graph = 0u; graph < table_integer[0]; graph++) {
    add_graph();
  }
  let time_us = outputs[OUTPUT_TIME_US];
  // MFLOP per us is TFLOP/s.
  outputs[OUTPUT_MFU] /= time_us * f32(system_npus) * design[SLOT_COMPUTE_PEAK_TFLOPS];
  outputs[OUTPUT_TOKENS_PER_SECOND] *= 1e6 / time_us;
  outputs[OUTPUT_BANDWIDTH_GBPS] = bandwidth_per_npu_gbps();
  outputs[OUTPUT_COST_USD] = cost_usd();
  return status;
}
