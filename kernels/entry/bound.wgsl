// Bounds a box in each thread: two rows of digits in, the first of all boxes before the last of all. Writes the product that the
// first objective is made of, the statuses that count with BOUND_DOUBTFUL, and the limits that are broken.
@compute @workgroup_size(WORKGROUP_SIZE)
fn bound(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let index = thread_index(id, groups);
  if (index >= request.count) {
    return;
  }
  fix_design();
  read_ranges(index * GENE_COUNT, (request.count + index) * GENE_COUNT);
  let reasons = bound_box() & request.infeasible;
  result_outputs[index] = least_product();
  result_status[2u * index + 1u] = bound_limits();
  result_status[2u * index] = reasons | select(0u, BOUND_DOUBTFUL, doubtful);
}
