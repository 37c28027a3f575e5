// One thread walks neighbouring ordinals, as those of a sweep do: time, status.
@compute @workgroup_size(1)
fn walk() {
  for (var index = 0u; index < request.count; index++) {
    var changed = CHANGED_ALL;
    if (index == 0u) {
      decode(index);
    } else {
      changed = decode_next(index);
    }
    result_status[index] = simulate_changed(changed, request.skip);
    result_outputs[index] = outputs[OUTPUT_TIME_US];
  }
}
