// The simulator: reads `design`, writes `outputs`, returns the status. Twin of simulate.ts.

fn system_npus() -> u32 {
  return npus.x * npus.y * npus.z * npus.w;
}

// STATUS_NPUS where the parallel degrees are not all NPUs.
fn npus_status() -> u32 {
  let degrees = design_count(SLOT_WORKLOAD_TP) * design_count(SLOT_WORKLOAD_SP) *
    design_count(SLOT_WORKLOAD_DP) * design_count(SLOT_WORKLOAD_PP);
  return select(STATUS_NPUS, 0u, degrees == system_npus());
}

// The groups that have several NPUs in one of the dimensions, as bits; all for all dimensions.
fn groups_in(dimensions: u32) -> u32 {
  if (dimensions == ALL_DIMENSIONS) {
    return (1u << GROUP_COUNT) - 1u;
  }
  var groups = 0u;
  for (var d = 0u; d < MAX_DIMENSIONS; d++) {
    if (((dimensions >> d) & 1u) == 1u) {
      groups |= dimension_groups[d];
    }
  }
  return groups;
}

// Brings all that tells whether the design is feasible in the current graph up to date.
fn update(changed: u32) {
  let all = (changed & (CHANGED_PLAN | CHANGED_LAYOUT | CHANGED_CHANNELS)) != 0u;
  let laid = (changed & (CHANGED_PLAN | CHANGED_LAYOUT)) != 0u;
  let shaped = select((changed >> MAX_DIMENSIONS) & ALL_DIMENSIONS, ALL_DIMENSIONS, all);
  let rated = shaped | (changed & ALL_DIMENSIONS);
  read_network(rated);
  read_prices(rated);
  if (laid) {
    status = 0u;
    lay_axes();
    status |= npus_status();
    layout_status = status;
  }
  if ((changed & CHANGED_PLAN) != 0u) {
    plan();
    stale_plan = true;
  }
  if (laid) {
    memory();
    time_optimizer();
  }
  let stale = groups_in(rated);
  open_channels(used_channels, groups_in(shaped), stale);
  stale_groups |= stale;
}

// The reasons against the design in the current graph, but its price.
fn status_of() -> u32 {
  let bad = (bad_channels & used_channels) != 0u;
  var reasons = layout_status;
  reasons |= plan_status;
  reasons |= memory_status;
  return select(reasons, reasons | STATUS_ALGORITHM, bad);
}

// Adds the current graph to the outputs: times with its weight, memory as the largest of all graphs.
fn add_graph() {
  split_step();
  let weight = graph_real(GRAPH_REAL_WEIGHT);
  let sequences = weight * f32(global_batch());
  for (var part = OUTPUT_TIME_US; part <= OUTPUT_OPTIMIZER_US; part++) {
    outputs[part] += weight * parts[part];
  }
  outputs[OUTPUT_TOKENS_PER_SECOND] += sequences * graph_real(GRAPH_REAL_TOKENS);
  outputs[OUTPUT_MFU] += sequences * graph_real(GRAPH_REAL_MODEL_MFLOP);
  if (parts[OUTPUT_MEMORY_MB] > outputs[OUTPUT_MEMORY_MB]) {
    for (var part = OUTPUT_MEMORY_MB; part <= OUTPUT_WORKING_MB; part++) {
      outputs[part] = parts[part];
    }
  }
}

// Adds what objectives read of the current graph.
fn add_objectives() {
  outputs[OUTPUT_TIME_US] += graph_real(GRAPH_REAL_WEIGHT) * step_us;
  outputs[OUTPUT_MEMORY_MB] = max(outputs[OUTPUT_MEMORY_MB], parts[OUTPUT_MEMORY_MB]);
}

// Turns work and tokens into rates: MFLOP per us is TFLOP/s.
fn finish_outputs() {
  let time_us = outputs[OUTPUT_TIME_US];
  outputs[OUTPUT_MFU] /= time_us * f32(system_npus()) * design[SLOT_COMPUTE_PEAK_TFLOPS];
  outputs[OUTPUT_TOKENS_PER_SECOND] *= 1e6 / time_us;
}

// Evaluates the design, of which `changed` (CHANGED_*) may not be as in the design before. `skip`: statuses of designs that do not
// matter: then only time, memory, bandwidth and cost are written, without the first two for such designs.
fn simulate_changed(changed: u32, skip: u32) -> u32 {
  let graphs = table_integer[0];
  // Only the plan of one graph is kept.
  let known = select(CHANGED_ALL, changed, graphs == 1u);
  outputs[OUTPUT_TIME_US] = 0.0;
  outputs[OUTPUT_MEMORY_MB] = 0.0;
  if (skip == 0u) {
    for (var i = 0u; i < OUTPUT_COUNT; i++) {
      outputs[i] = 0.0;
    }
  }
  var all_status = 0u;
  for (graph = 0u; graph < graphs; graph++) {
    update(known);
    all_status |= status_of();
    if (graphs == 1u && (all_status & skip) != 0u) {
      break;
    }
    step_graph();
    if (skip == 0u) {
      add_graph();
    } else {
      add_objectives();
    }
  }
  graph = 0u;
  status = all_status;
  outputs[OUTPUT_BANDWIDTH_GBPS] = bandwidth_per_npu_gbps();
  outputs[OUTPUT_COST_USD] = cost_usd();
  if (skip == 0u) {
    finish_outputs();
  }
  return status;
}

// Evaluates the design.
fn simulate() -> u32 {
  return simulate_changed(CHANGED_ALL, 0u);
}
