// What of a step depends on the workload and the NPUs alone. Twin of plan.ts.

// Lets a call take place, if it has something to send, MB.
fn add_call(call: u32, channel: u32, size_mb: f32) {
  if (size_mb <= 0.0) {
    return;
  }
  if (call_mb[call] == 0.0) {
    active_call[active_calls] = call;
    active_calls++;
  }
  call_mb[call] = size_mb;
  call_channel[call] = channel;
  used_channels |= 1u << channel;
}

// The same for parameters in millions, of so many bytes.
fn add_replica_call(call: u32, kind: u32, group: u32, bytes: f32, parameters_m: f32) {
  add_call(call, kind * GROUP_COUNT + group, parameters_m * bytes);
}

// Calls over the replicas of weights and between stages; edges of the model are where a pipeline has its ends.
fn plan_replicas() {
  let reduce = gradient_collective();
  let gradient = gradient_bytes();
  let dense_m = layer_dense_m();
  let expert_m = layer_expert_m();
  let embed_m = edge_m(GRAPH_REAL_EMBED_M);
  let head_m = select(0.0, edge_m(GRAPH_REAL_HEAD_M), stages() == 1u);
  let sharding = weight_sharding();
  if (sharding == WORKLOAD_WEIGHT_SHARDING_ZERO3) {
    add_replica_call(CALL_GATHER_DENSE, COLLECTIVE_ALL_GATHER, GROUP_DATA, WEIGHT_BYTES, dense_m);
    add_replica_call(CALL_GATHER_EXPERT, COLLECTIVE_ALL_GATHER, GROUP_EXPERT_DATA, WEIGHT_BYTES, expert_m);
    add_replica_call(CALL_FIRST_GATHER, COLLECTIVE_ALL_GATHER, GROUP_DATA, WEIGHT_BYTES, embed_m + head_m);
  }
  if (is_training()) {
    add_replica_call(CALL_GRADIENT_DENSE, reduce, GROUP_DATA, gradient, dense_m);
    add_replica_call(CALL_GRADIENT_EXPERT, reduce, GROUP_EXPERT_DATA, gradient, expert_m);
    add_replica_call(CALL_HEAD_GRADIENT, reduce, GROUP_DATA, gradient, head_m);
    add_replica_call(CALL_EMBED_GRADIENT, reduce, GROUP_DATA, gradient, embed_m);
    if (sharding == WORKLOAD_WEIGHT_SHARDING_ZERO1) {
      let layers = stage_layers(0u);
      let updated_m = layers * dense_m + embed_m + head_m;
      add_replica_call(CALL_UPDATED_DENSE, COLLECTIVE_ALL_GATHER, GROUP_DATA, WEIGHT_BYTES, updated_m);
      add_replica_call(CALL_UPDATED_EXPERT, COLLECTIVE_ALL_GATHER, GROUP_EXPERT_DATA, WEIGHT_BYTES, layers * expert_m);
    }
  }
  if (stages() > 1u && (flags & FLAG_SEQUENCE_PARALLEL) == 0u) {
    let boundary_mb = graph_real(GRAPH_REAL_BOUNDARY_MB) * scales[SCALE_TOKENS];
    add_call(CALL_BOUNDARY, COLLECTIVE_ALL_GATHER * GROUP_COUNT + GROUP_TP, boundary_mb);
  }
}

// NPUs of the group of a row's collective.
fn degree(group: u32) -> f32 {
  if (group == GROUP_TP) {
    return design[SLOT_WORKLOAD_TP];
  }
  return select(design[SLOT_WORKLOAD_EP], design[SLOT_WORKLOAD_SP], group == GROUP_SP);
}

// Number `column` of the row whose numbers begin at `reals`, times its scale: MFLOP or MB.
fn term(reals: u32, word: u32, column: u32) -> f32 {
  return table_real[reals + column] * scales[(word >> (4u * column)) & 15u];
}

// Adds a collective to the use of the dimensions by a layer, MB: one term for each channel.
fn add_to_block(section: u32, channel: u32, size_mb: f32) {
  let first = section * BLOCK_TERMS;
  let end = first + section_terms[section];
  var place = first;
  while (place < end && term_channel[place] != channel) {
    place++;
  }
  if (place == end) {
    section_terms[section] += 1u;
    term_channel[place] = channel;
    term_count[place] = 0.0;
    term_mb[place] = 0.0;
  }
  term_count[place] += 1.0;
  term_mb[place] += size_mb;
}

// No segment has this word.
const NO_SEGMENT: u32 = 0xffffu;

// Ends a segment, us, if there is one.
fn add_segment(segment: u32, growing_us: f32) {
  if (segment == NO_SEGMENT) {
    return;
  }
  segment_word[segments] = segment;
  segment_us[segments] = growing_us;
  segments++;
}

// Plans a section.
fn plan_section(section: u32) {
  let first = graph_integer(GRAPH_INTEGER_SECTIONS + 2u * section);
  let rows = graph_integer(GRAPH_INTEGER_SECTIONS + 2u * section + 1u);
  let integer_rows = HEADER_START + table_integer[0] * GRAPH_INTEGERS;
  let real_rows = table_integer[0] * GRAPH_REALS;
  let overlaps = design_count(SLOT_WORKLOAD_TENSOR_OVERLAP) == 1u;
  let host_launch_us = design[SLOT_COMPUTE_HOST_LAUNCH_US];
  var groups = 0u;
  var compute_us = 0.0;
  var launch_us = 0.0;
  var all_saved_mb = 0.0;
  var core_mb = 0.0;
  var largest_mb = 0.0;
  // The segment that grows; does it compute, what has compute waited for, and did a call find all others ended?
  var segment = NO_SEGMENT;
  var growing_us = 0.0;
  var computes = false;
  var joined = JOIN_LAST;
  var alone = false;
  section_first[section] = segments;
  section_terms[section] = 0u;
  for (var row = first; row < first + rows; row++) {
    let integers = integer_rows + row * ROW_INTEGERS;
    let conditions = table_integer[integers + 1u];
    if ((flags & conditions & 0xffu) != ((conditions >> CONDITION_BIT_VALUE) & 0xffu)) {
      continue;
    }
    let word = table_integer[integers];
    let reals = real_rows + row * ROW_REALS;
    let saved_mb = term(reals, word, 4u);
    all_saved_mb += saved_mb;
    core_mb += select(0.0, saved_mb, ((word >> ROW_BIT_CORE) & 1u) == 1u);
    let kind = (word >> ROW_BIT_KIND) & 3u;
    if (kind == KIND_COLLECTIVE) {
      let channel = conditions >> CONDITION_BIT_CHANNEL;
      let group = channel % GROUP_COUNT;
      if (degree(group) <= 1.0) {
        continue;
      }
      let call = (conditions >> CONDITION_BIT_CALL) & 0xffu;
      let size_mb = term(reals, word, 1u);
      add_call(call, channel, size_mb);
      add_to_block(section, channel, size_mb);
      add_segment(segment, growing_us);
      segment = call + 1u;
      growing_us = 0.0;
      groups |= 1u << group;
      alone = joined == JOIN_LAST;
      computes = false;
      joined = JOIN_NONE;
      continue;
    }
    let activations_mb = term(reals, word, 1u) + term(reals, word, 2u);
    largest_mb = max(largest_mb, activations_mb);
    let us = roofline_us(kind, term(reals, word, 0u), activations_mb + term(reals, word, 3u));
    compute_us += us;
    launch_us += host_launch_us;
    let join = select(JOIN_LAST, (word >> ROW_BIT_JOIN) & 3u, overlaps);
    let waits = join != JOIN_NONE && join != joined && joined != JOIN_LAST;
    let pairs = !computes && segment != NO_SEGMENT && alone && join == JOIN_LAST;
    if ((computes && !waits) || pairs) {
      growing_us += us;
      segment |= select(0u, JOIN_LAST << 8u, pairs);
    } else {
      add_segment(segment, growing_us);
      segment = join << 8u;
      growing_us = us;
    }
    computes = true;
    if (waits) {
      joined = join;
    }
  }
  add_segment(segment, growing_us);
  section_end[section] = segments;
  section_groups[section] = groups;
  section_compute_us[section] = compute_us;
  section_launch_us[section] = launch_us;
  section_saved_mb[section] = all_saved_mb;
  section_core_mb[section] = core_mb;
  section_largest_mb[section] = largest_mb;
}

// Plans the step of the current graph; sets plan_status.
fn plan() {
  status = 0u;
  read_graph();
  plan_status = status;
  read_rates();
  for (var i = 0u; i < active_calls; i++) {
    call_mb[active_call[i]] = 0.0;
    call_us[active_call[i]] = 0.0;
  }
  active_calls = 0u;
  used_channels = 0u;
  segments = 0u;
  for (var section = 0u; section < SECTION_COUNT; section++) {
    plan_section(section);
  }
  plan_replicas();
  find_places();
}
