// A phase on a torus, in each dimension. Twin of torus.ts, which says why.

// Which dimensions are tori.
fn on_torus() -> vec4<bool> {
  return has_topology(NETWORK_TOPOLOGY_TORUS2_D) | has_topology(NETWORK_TOPOLOGY_TORUS3_D);
}

// Whether a topology is a torus.
fn is_torus(kind: u32) -> bool {
  return kind == NETWORK_TOPOLOGY_TORUS2_D || kind == NETWORK_TOPOLOGY_TORUS3_D;
}

// Axes of a torus; of what is none, too, so that nothing is divided by 0.
fn torus_axes() -> vec4<f32> {
  return select(vec4<f32>(2.0), vec4<f32>(3.0), has_topology(NETWORK_TOPOLOGY_TORUS3_D));
}

// Axes along which the NPUs of the group that is opened lie.
fn group_axes() -> vec4<f32> {
  let all = max(ceil_log2(span), vec4<f32>(1.0));
  let shared_axes = whole_quotients(2.0 * torus_axes() * levels + all, 0.5 / all);
  return min(max(shared_axes, vec4<f32>(1.0)), levels);
}

// Sets alpha (us) and links of a scatter or gather, or an all-to-all, in the dimensions that are tori.
fn torus_phase(exchange: bool) {
  let n = others + 1.0;
  let axes = max(group_axes(), vec4<f32>(1.0));
  let least = select(vec4<f32>(TORUS_SQUARE), vec4<f32>(TORUS_CUBE), has_topology(NETWORK_TOPOLOGY_TORUS3_D));
  let wrapped = whole_quotients(span, 1.0 / least) * least == span;
  let bits = bitcast<vec4<u32>>(n);
  let doublings = vec4<f32>(vec4<i32>(bits >> vec4<u32>(23u)) - 127);
  let part = bitcast<vec4<f32>>((bits & vec4<u32>(0x007fffffu)) | vec4<u32>(0x3f800000u));
  let whole = whole_quotients(doublings, 1.0 / axes);
  let more = doublings - whole * axes;
  let side = ldexp(vec4<f32>(1.0), vec4<i32>(whole));
  let longest = side * select(part, vec4<f32>(2.0), more > vec4<f32>(0.0));
  let sides = side * (axes + more + (part - 1.0));
  let hops = select(sides - axes, 0.5 * sides, wrapped);
  let gathered = other_share / axes;
  let exchanged = floor(longest * longest * 0.25) / longest;
  let links = select(gathered, exchanged, exchange) * select(vec4<f32>(1.0), vec4<f32>(0.5), wrapped);
  phase_alpha_us = select(phase_alpha_us, hops * hop_us + axes * endpoint_us(), on_torus());
  phase_links = select(phase_links, links, on_torus());
}
