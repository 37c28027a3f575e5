// Single concepts of the simulator, each for many inputs. Twin of concepts.ts, which says what the inputs are.

// Inputs of a thread, so that what it prepares does not count.
const ROUNDS: u32 = 256u;

// Number of the thread's input of a round; neighbouring threads have neighbouring inputs.
fn input_index(thread: u32, round: u32) -> u32 {
  return round * (request.count / ROUNDS) + thread;
}

// Factor of links or layers of an input, without unit: so that no round is like the one before.
fn input_scale(index: u32) -> f32 {
  return 1.0 + f32(index % 8u) / 8.0;
}

// Decodes an ordinal: sum of the design's values (in their units), each over the number of its slot.
@compute @workgroup_size(WORKGROUP_SIZE)
fn bench_decode(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let thread = thread_index(id, groups);
  fix_design();
  for (var round = 0u; round < ROUNDS && thread < request.count / ROUNDS; round++) {
    let index = input_index(thread, round);
    decode(index, false);
    var sum = 0.0;
    for (var slot = 0u; slot < SLOT_COUNT; slot++) {
      sum += design[slot] / f32(slot + 1u);
    }
    result_outputs[index] = sum;
  }
}

// Price of the network ($) plus its bandwidth per NPU (GB/s).
@compute @workgroup_size(WORKGROUP_SIZE)
fn bench_network(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let thread = thread_index(id, groups);
  fix_design();
  decode(0u, false);
  for (var round = 0u; round < ROUNDS && thread < request.count / ROUNDS; round++) {
    let index = input_index(thread, round);
    design[SLOT_NETWORK_BANDWIDTH_GBPS] = 50.0 + 25.0 * f32(index & 15u);
    design[SLOT_NETWORK_BANDWIDTH_GBPS + 1u] = 50.0 + 25.0 * f32((index >> 4u) & 15u);
    design[SLOT_NETWORK_BANDWIDTH_GBPS + 2u] = 50.0 + 25.0 * f32((index >> 8u) & 15u);
    design[SLOT_NETWORK_BANDWIDTH_GBPS + 3u] = 50.0 + 25.0 * f32((index >> 12u) & 15u);
    read_network();
    read_prices();
    result_outputs[index] = cost_usd() + bandwidth_per_npu_gbps();
  }
}

// Time of an all-reduce over the data-parallel group, us.
@compute @workgroup_size(WORKGROUP_SIZE)
fn bench_all_reduce(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let thread = thread_index(id, groups);
  fix_design();
  decode(0u, false);
  read_network();
  lay_axes();
  read_rates();
  let channel = COLLECTIVE_ALL_REDUCE * CHANNEL_GROUPS + GROUP_DATA;
  let base_link_us_per_mb = link_us_per_mb;
  let base_hop_us = hop_us;
  for (var round = 0u; round < ROUNDS && thread < request.count / ROUNDS; round++) {
    let index = input_index(thread, round);
    link_us_per_mb = base_link_us_per_mb * input_scale(index);
    hop_us = base_hop_us * input_scale(index);
    read_algorithm();
    shape_group(GROUP_DATA);
    open_all_reduce(GROUP_DATA);
    rate_channel(channel);
    result_outputs[index] = collective_us(channel, 1.0 + f32(index) / 1024.0);
  }
}

// Time of all micro-batches in a pipeline of given layers, us.
@compute @workgroup_size(WORKGROUP_SIZE)
fn bench_pipeline(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let thread = thread_index(id, groups);
  fix_design();
  decode(0u, false);
  status = simulate(0u);
  let base_forward_us = forward_period_us;
  let base_backward_us = backward_period_us;
  for (var round = 0u; round < ROUNDS && thread < request.count / ROUNDS; round++) {
    let index = input_index(thread, round);
    forward_period_us = base_forward_us * input_scale(index);
    backward_period_us = base_backward_us * input_scale(index);
    micro_batches = 1u + index % 512u;
    stale_stages = true;
    time_stages();
    time_pipeline();
    // Up to the end of the first stage.
    result_outputs[index] = pipeline_us.x + sends_us.x;
  }
}
