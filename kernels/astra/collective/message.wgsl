// Messages of ASTRA-sim's analytical network: twin of message.ts. Times are whole nanoseconds of 64 bits (high, low).

// Beyond 2^24 the float has gaps, but its value is whole.
fn whole(value: f32) -> vec2<u32> {
  let high = floor(value / 4294967296.0);
  return vec2<u32>(u32(high), u32(value - high * 4294967296.0));
}

fn sum(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let low = a.y + b.y;
  return vec2<u32>(a.x + b.x + select(0u, 1u, low < a.y), low);
}

fn less(a: vec2<u32>, b: vec2<u32>) -> bool {
  return a.x < b.x || (a.x == b.x && a.y < b.y);
}

fn difference(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return vec2<u32>(a.x - b.x - select(0u, 1u, a.y < b.y), a.y - b.y);
}

// By halves of 16 bits; the high word may overflow beyond 2^64 only.
fn times(a: vec2<u32>, factor: u32) -> vec2<u32> {
  var product = vec2<u32>(a.x * factor, 0u);
  let parts = array<u32, 4>(a.y & 0xffffu, a.y >> 16u, factor & 0xffffu, factor >> 16u);
  product = sum(product, vec2<u32>(0u, parts[0] * parts[2]));
  let middle = array<u32, 2>(parts[0] * parts[3], parts[1] * parts[2]);
  product = sum(product, vec2<u32>(middle[0] >> 16u, middle[0] << 16u));
  product = sum(product, vec2<u32>(middle[1] >> 16u, middle[1] << 16u));
  return sum(product, vec2<u32>(parts[1] * parts[3], 0u));
}

fn hops_of(topology: u32, npus: u32, distance: u32) -> f32 {
  if (topology == NETWORK_TOPOLOGY_SWITCH) { return 2.0; }
  if (topology == NETWORK_TOPOLOGY_FULLY_CONNECTED) { return 1.0; }
  let forward = distance % npus;
  return f32(min(forward, npus - forward));
}

fn message_ns(hops: f32, latency_ns: f32, bytes: f32, bytes_per_ns: f32) -> vec2<u32> {
  return whole(trunc(hops * latency_ns + bytes / bytes_per_ns));
}

// Charged in the innermost dimension in which the ends differ, and nowhere else.
fn route_ns(plan: u32, origin: u32, goal: u32, bytes: f32) -> vec2<u32> {
  var rest = origin;
  var other = goal;
  for (var d = 0u; d < plans[plan + PLAN_DIMENSIONS]; d++) {
    let at = plans[plan + PLAN_FIRST_DIMENSION] + d * DIMENSION_WORDS;
    let npus = plans[at + DIMENSION_NPUS];
    let place = rest % npus;
    let aim = other % npus;
    if (place != aim) {
      let hops = hops_of(plans[at + DIMENSION_TOPOLOGY], npus, max(place, aim) - min(place, aim));
      let latency = bitcast<f32>(plans[at + DIMENSION_LATENCY_NS]);
      return message_ns(hops, latency, bytes, bitcast<f32>(plans[at + DIMENSION_BYTES_PER_NS]));
    }
    rest /= npus;
    other /= npus;
  }
  return vec2<u32>(0u, 0u);
}

// Two reads and a write of local memory; nothing where no bandwidth is given.
fn reduction_ns(bytes: f32, memory_bytes_per_ns: f32) -> vec2<u32> {
  if (memory_bytes_per_ns == 0.0) { return vec2<u32>(0u, 0u); }
  return times(whole(trunc(bytes / memory_bytes_per_ns)), 3u);
}
