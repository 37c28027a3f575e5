// A flat ring whose links may differ: twin of flatRingNs in collective.ts.

fn member_at(plan: u32, i: u32) -> u32 {
  return plans[plans[plan + PLAN_FIRST_MEMBER] + i % plans[plan + PLAN_MEMBERS]];
}

// Charged in the innermost dimension in which the ends differ, and nowhere else.
fn link_ns(plan: u32, i: u32) -> vec2<u32> {
  let bytes = bitcast<f32>(plans[plan + PLAN_MESSAGE_BYTES]);
  var rest = member_at(plan, i);
  var other = member_at(plan, i + 1u);
  for (var d = 0u; d < plans[plan + PLAN_DIMENSIONS]; d++) {
    let at = plans[plan + PLAN_FIRST_DIMENSION] + d * DIMENSION_WORDS;
    let npus = plans[at + DIMENSION_NPUS];
    let place = rest % npus;
    let goal = other % npus;
    if (place != goal) {
      let hops = hops_of(plans[at + DIMENSION_TOPOLOGY], npus, max(place, goal) - min(place, goal));
      let latency = bitcast<f32>(plans[at + DIMENSION_LATENCY_NS]);
      return message_ns(hops, latency, bytes, bitcast<f32>(plans[at + DIMENSION_BYTES_PER_NS]));
    }
    rest /= npus;
    other /= npus;
  }
  return vec2<u32>(0u, 0u);
}

fn longest_path(plan: u32, count: u32) -> vec2<u32> {
  let members = plans[plan + PLAN_MEMBERS];
  let rest = count % members;
  var window = vec2<u32>(0u, 0u);
  for (var i = 0u; i < rest; i++) { window = sum(window, link_ns(plan, i)); }
  var longest = window;
  var turn = vec2<u32>(0u, 0u);
  for (var i = 0u; i < members; i++) {
    let link = link_ns(plan, i);
    turn = sum(turn, link);
    window = difference(sum(window, link_ns(plan, i + rest)), link);
    if (less(longest, window)) { longest = window; }
  }
  return sum(times(turn, count / members), longest);
}

fn flat_ring(plan: u32) -> vec3<u32> {
  let steps = plans[plan + PLAN_STEPS];
  let endpoint = vec2<u32>(0u, GROUP_ENDPOINT_NS);
  let endpoints = times(endpoint, steps + plans[plan + PLAN_ROUNDS]);
  let memory = bitcast<f32>(plans[plan + PLAN_MEMORY_BYTES_PER_NS]);
  let reduction = reduction_ns(bitcast<f32>(plans[plan + PLAN_MESSAGE_BYTES]), memory);
  let reductions = times(reduction, plans[plan + PLAN_REDUCTIONS]);
  return vec3<u32>(sum(endpoints, sum(reductions, longest_path(plan, steps))), 1u);
}
