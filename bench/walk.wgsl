// One thread walks neighbouring ordinals, as those of a sweep do: time, status.
@compute @workgroup_size(1)
fn walk_alone() {
  fix_design();
  for (var index = 0u; index < request.count; index++) {
    decode(index, index != 0u);
    result_status[index] = simulate_next(skipped_statuses());
    result_outputs[index] = outputs[OUTPUT_TIME_US];
  }
}
