// Writes the outputs (units as in kernels/outputs.ts) and the status of each design.
@compute @workgroup_size(WORKGROUP_SIZE)
fn evaluate(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let index = thread_index(id, groups);
  if (index >= request.count) {
    return;
  }
  fix_design();
  decode(index, false);
  result_status[index] = simulate(0u);
  for (var i = 0u; i < OUTPUT_COUNT; i++) {
    result_outputs[index * OUTPUT_COUNT + i] = outputs[i];
  }
}
