// The simulator: reads `design`, writes `outputs`, returns the status. Twin of simulate.ts.

// Whether a pipeline computes all outputs of all designs, or what objectives read: time, memory, bandwidth and cost, the time only
// of designs that matter.
override EVERY_OUTPUT: bool = true;

// Derived outputs that a pipeline sets, as bits: those that its goal names, and what they derive from.
override DERIVED: u32 = 0xffffffffu;

// Those of them that its goal names.
override NAMED: u32 = 0xffffffffu;

const ALL_GROUPS: u32 = (1u << GROUP_COUNT) - 1u;

fn system_npus() -> f32 {
  return npus.x * npus.y * (npus.z * npus.w);
}

// STATUS_NPUS where the parallel degrees are not all NPUs.
fn npus_status() -> u32 {
  let degrees = design[SLOT_WORKLOAD_TP] * design[SLOT_WORKLOAD_SP] * (design[SLOT_WORKLOAD_DP] * design[SLOT_WORKLOAD_PP]);
  return select(STATUS_NPUS, 0u, degrees == system_npus());
}

// Lays the axes over the network; sets layout_status.
fn lay_out() {
  status = 0u;
  lay_axes();
  layout_status = status | npus_status();
}

// Computes all that tells whether the design is feasible in the current graph.
fn prepare() {
  read_network();
  read_prices();
  lay_out();
  plan();
  memory();
  time_optimizer();
  plan_busy_us = busy_us();
  open_channels(ALL_GROUPS, ALL_GROUPS);
  stale_plan = true;
  stale_groups = ALL_GROUPS;
}

// Brings the same up to date behind a design from which this one differs in what has changed.
fn update() {
  let all = (changed & (CHANGED_PLAN | CHANGED_LAYOUT | CHANGED_CHANNELS)) != 0u;
  let laid = (changed & (CHANGED_PLAN | CHANGED_LAYOUT)) != 0u;
  let shaped = select((changed >> MAX_DIMENSIONS) & ALL_DIMENSIONS, ALL_DIMENSIONS, all);
  let rated = shaped | (changed & ALL_DIMENSIONS);
  read_network();
  read_prices();
  if (laid) {
    lay_out();
  }
  if ((changed & CHANGED_PLAN) != 0u) {
    plan();
    stale_plan = true;
  }
  if (laid) {
    memory();
    time_optimizer();
    plan_busy_us = busy_us();
  }
  let stale = groups_in(rated);
  open_channels(groups_in(shaped), stale);
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
  let weight = graph_real_weight();
  let sequences = weight * f32(global_batch());
  parts[OUTPUT_STEP_TOKENS] = f32(global_batch()) * graph_real_tokens();
  parts[OUTPUT_CHECKPOINT_MB] = checkpoint_mb();
  add_times(weight);
  outputs[OUTPUT_TOKENS_PER_SECOND] += sequences * graph_real_tokens();
  outputs[OUTPUT_MFU] += sequences * graph_real_model_mflop();
  keep_fuller_graph();
}

// Adds what besides time derived outputs are made of, of the current graph. No time of a step is among it, so that it is added of
// every design: what no design of a space changes is a constant then, and what derives from it alone, such as goodput, is folded.
fn add_sources() {
  let weight = graph_real_weight();
  outputs[OUTPUT_BUSY_US] += weight * plan_busy_us;
  outputs[OUTPUT_STEP_TOKENS] += weight * f32(global_batch()) * graph_real_tokens();
  outputs[OUTPUT_CHECKPOINT_MB] = max(outputs[OUTPUT_CHECKPOINT_MB], checkpoint_mb());
}

// Adds the time of the current graph.
fn add_time() {
  outputs[OUTPUT_TIME_US] += graph_real_weight() * step_us;
}

// Turns work and tokens into rates: MFLOP per us is TFLOP/s.
fn finish_outputs() {
  let time_us = outputs[OUTPUT_TIME_US];
  outputs[OUTPUT_MFU] /= time_us * system_npus() * design[SLOT_COMPUTE_PEAK_TFLOPS];
  outputs[OUTPUT_TOKENS_PER_SECOND] *= 1e6 / time_us;
}

// Evaluates the current graph, after all that tells its status, unless that is one of `skip`.
fn simulate_graph(skip: u32) -> u32 {
  let reasons = status_of();
  if (!EVERY_OUTPUT && DERIVED != 0u) {
    add_sources();
  }
  if ((reasons & skip) == 0u) {
    step_graph();
    if (EVERY_OUTPUT) {
      add_graph();
    } else {
      add_time();
    }
  }
  outputs[OUTPUT_MEMORY_MB] = max(outputs[OUTPUT_MEMORY_MB], parts[OUTPUT_MEMORY_MB]);
  outputs[OUTPUT_RESERVED_MB] = max(outputs[OUTPUT_RESERVED_MB], parts[OUTPUT_RESERVED_MB]);
  return reasons;
}

// The same anew.
fn simulate_new_graph(skip: u32) -> u32 {
  prepare();
  return simulate_graph(skip);
}

// Ends the outputs of a design that is infeasible for `reasons`; its status.
fn finish_design(reasons: u32) -> u32 {
  status = reasons;
  outputs[OUTPUT_BANDWIDTH_GBPS] = bandwidth_per_npu_gbps();
  outputs[OUTPUT_COST_USD] = cost_usd();
  if (EVERY_OUTPUT) {
    finish_outputs();
  }
  derive_outputs();
  return status;
}

// Statuses of designs that do not matter.
fn skipped_statuses() -> u32 {
  return select(request.infeasible, 0u, EVERY_OUTPUT);
}

// Evaluates the design, but not its time where it has one of the statuses `skip`; its status.
fn simulate(skip: u32) -> u32 {
  start_outputs();
  return finish_design(simulate_graphs(skip));
}

// The same behind a design from which this one differs in what has changed.
fn simulate_next(skip: u32) -> u32 {
  start_outputs();
  return finish_design(simulate_next_graphs(skip));
}
