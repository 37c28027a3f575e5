// Runs a section of an op graph once, in the order of its rows. Twin of chain.ts, which says what it sets.

// Coefficient `column` of the row whose numbers begin at `reals`, times its scale: MFLOP or MB.
fn term(reals: u32, word: u32, column: u32) -> f32 {
  return table_real[reals + column] * scales[(word >> (12u + 4u * column)) & 15u];
}

// The latest end of other communication on the dimensions that the last collective uses, us.
fn queue_us() -> f32 {
  let queued = select(vec4<f32>(0.0), load_us, busy_us > vec4<f32>(0.0));
  return max(max(queued.x, queued.y), max(queued.z, queued.w));
}

fn chain(section: u32) {
  let first = graph_integer(GRAPH_INTEGER_SECTIONS + 2u * section);
  let rows = graph_integer(GRAPH_INTEGER_SECTIONS + 2u * section + 1u);
  let integer_rows = HEADER_START + table_integer[0] * GRAPH_INTEGERS;
  let real_rows = table_integer[0] * GRAPH_REALS;
  let overlaps = design_count(SLOT_WORKLOAD_TENSOR_OVERLAP) == 1u;
  let host_launch_us = design[SLOT_COMPUTE_HOST_LAUNCH_US];
  let waits = design_count(SLOT_COLLECTIVE_SCHEDULING_POLICY) == COLLECTIVE_SCHEDULING_POLICY_FIFO;
  var compute_us = 0.0;
  var communication_us = 0.0;
  var previous_us = 0.0;
  var compute_loaded_us = 0.0;
  var communication_loaded_us = 0.0;
  var previous_loaded_us = 0.0;
  var group = 0u;
  var previous_group = 0u;
  chain_compute_us = 0.0;
  chain_host_us = 0.0;
  chain_saved_mb = 0.0;
  chain_core_mb = 0.0;
  chain_largest_mb = 0.0;
  for (var i = 0u; i < GROUP_COUNT; i++) {
    chain_exposed_us[i] = 0.0;
  }
  chain_block_us = vec4<f32>(0.0);
  for (var row = first; row < first + rows; row++) {
    let integers = integer_rows + row * ROW_INTEGERS;
    let word = table_integer[integers];
    let conditions = table_integer[integers + 1u];
    if ((flags & conditions & 0xffu) != ((conditions >> 8u) & 0xffu)) {
      continue;
    }
    let reals = real_rows + row * ROW_REALS;
    let saved_mb = term(reals, word, 4u);
    chain_saved_mb += saved_mb;
    if ((conditions >> 16u) != 0u) {
      chain_core_mb += saved_mb;
    }
    let kind = word & 3u;
    if (kind == KIND_COLLECTIVE) {
      let place = (word >> 4u) & 7u;
      collective((word >> 2u) & 3u, place, term(reals, word, 1u));
      if (collective_us <= 0.0) {
        continue;
      }
      chain_host_us += host_launch_us;
      previous_us = communication_us;
      previous_loaded_us = communication_loaded_us;
      previous_group = group;
      group = place;
      let start_us = max(compute_us, communication_us);
      var start_loaded_us = max(compute_loaded_us, communication_loaded_us);
      if (waits) {
        start_loaded_us = max(start_loaded_us, queue_us());
      }
      communication_us = start_us + collective_us;
      communication_loaded_us = start_loaded_us + collective_us;
      chain_block_us += busy_us;
      continue;
    }
    let join = select(JOIN_LAST, (word >> 7u) & 3u, overlaps);
    if (join == JOIN_LAST) {
      chain_exposed_us[group] += max(communication_us - compute_us, 0.0);
      compute_us = max(compute_us, communication_us);
      compute_loaded_us = max(compute_loaded_us, communication_loaded_us);
    } else if (join == JOIN_PREVIOUS) {
      chain_exposed_us[previous_group] += max(previous_us - compute_us, 0.0);
      compute_us = max(compute_us, previous_us);
      compute_loaded_us = max(compute_loaded_us, previous_loaded_us);
    }
    let activations_mb = term(reals, word, 1u) + term(reals, word, 2u);
    chain_largest_mb = max(chain_largest_mb, activations_mb);
    let traffic_mb = activations_mb + term(reals, word, 3u);
    let duration_us = roofline_us(kind, term(reals, word, 0u), traffic_mb);
    chain_compute_us += duration_us;
    chain_host_us += host_launch_us;
    compute_us += duration_us;
    compute_loaded_us += duration_us;
  }
  chain_exposed_us[group] += max(communication_us - compute_us, 0.0);
  chain_us = max(compute_us, communication_us);
  chain_loaded_us = max(compute_loaded_us, communication_loaded_us);
}
