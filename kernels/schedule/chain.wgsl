// Runs a section of an op graph once, in the order of its segments. Twin of chain.ts, which says what it sets.

fn chain(section: u32) {
  let exposed = CHAIN_GROUPS * section;
  let host_launch_us = design[SLOT_COMPUTE_HOST_LAUNCH_US];
  var host_us = section_launch_us[section];
  var compute_us = 0.0;
  var communication_us = 0.0;
  var previous_us = 0.0;
  var compute_loaded_us = 0.0;
  var communication_loaded_us = 0.0;
  var previous_loaded_us = 0.0;
  var group = 0u;
  var previous_group = 0u;
  for (var i = 0u; i < CHAIN_GROUPS; i++) {
    section_exposed_us[exposed + i] = 0.0;
  }
  for (var i = section_first[section]; i < section_end[section]; i++) {
    let word = segment_word[i];
    let us = segment_us[i];
    let call = word & 0xffu;
    let join = word >> 8u;
    if (call > 0u && call_us[max(call, 1u) - 1u] > 0.0) {
      let collective = call_us[call - 1u];
      host_us += host_launch_us;
      previous_us = communication_us;
      previous_loaded_us = communication_loaded_us;
      previous_group = group;
      group = call_channel[call - 1u] % GROUP_COUNT;
      let queue_us = section_queue_us[exposed + group];
      if (join == JOIN_LAST) {
        section_exposed_us[exposed + group] += collective;
        compute_loaded_us = max(compute_loaded_us, queue_us) + (collective + us);
        compute_us += collective + us;
        continue;
      }
      communication_us = max(compute_us, communication_us) + collective;
      communication_loaded_us = max(max(compute_loaded_us, communication_loaded_us), queue_us) + collective;
      continue;
    }
    if (join == JOIN_LAST) {
      section_exposed_us[exposed + group] += max(communication_us - compute_us, 0.0);
      compute_us = max(compute_us, communication_us);
      compute_loaded_us = max(compute_loaded_us, communication_loaded_us);
    } else if (join == JOIN_PREVIOUS) {
      section_exposed_us[exposed + previous_group] += max(previous_us - compute_us, 0.0);
      compute_us = max(compute_us, previous_us);
      compute_loaded_us = max(compute_loaded_us, previous_loaded_us);
    }
    compute_us += us;
    compute_loaded_us += us;
  }
  section_exposed_us[exposed + group] += max(communication_us - compute_us, 0.0);
  section_us[section] = max(compute_us, communication_us);
  section_loaded_us[section] = max(compute_loaded_us, communication_loaded_us);
  section_host_us[section] = host_us;
}

// Use of each dimension by the collectives of a section, us.
fn section_busy_us(section: u32) -> vec4<f32> {
  var block_us = vec4<f32>(0.0);
  let first = section * BLOCK_TERMS;
  for (var term = first; term < first + section_terms[section]; term++) {
    let channel = term_channel[term];
    block_us += term_count[term] * station_us[channel] + term_mb[term] * station_us_per_mb[channel];
  }
  return block_us;
}
