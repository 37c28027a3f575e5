// Whole numbers of 64 bits (high, low).

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

fn shifted_left(a: vec2<u32>, by: u32) -> vec2<u32> {
  if (by == 0u) { return a; }
  if (by >= 32u) { return vec2<u32>(a.y << (by - 32u), 0u); }
  return vec2<u32>((a.x << by) | (a.y >> (32u - by)), a.y << by);
}

fn shifted_right(a: vec2<u32>, by: u32) -> vec2<u32> {
  if (by == 0u) { return a; }
  if (by >= 32u) { return vec2<u32>(0u, a.x >> (by - 32u)); }
  return vec2<u32>(a.x >> by, (a.y >> by) | (a.x << (32u - by)));
}

fn leading_zeros(a: vec2<u32>) -> u32 {
  return select(countLeadingZeros(a.x), 32u + countLeadingZeros(a.y), a.x == 0u);
}

// All 64 bits, by halves of 16.
fn product(a: u32, b: u32) -> vec2<u32> {
  let parts = array<u32, 4>(a & 0xffffu, a >> 16u, b & 0xffffu, b >> 16u);
  let low = parts[0] * parts[2];
  let middle = parts[1] * parts[2] + (low >> 16u);
  let other = parts[0] * parts[3] + (middle & 0xffffu);
  return vec2<u32>(parts[1] * parts[3] + (middle >> 16u) + (other >> 16u), (other << 16u) | (low & 0xffffu));
}

// The high word may overflow beyond 2^64 only.
fn times(a: vec2<u32>, factor: u32) -> vec2<u32> {
  return sum(vec2<u32>(a.x * factor, 0u), product(a.y, factor));
}

// Rounded down; the divisor is below 2^31.
fn quotient(a: vec2<u32>, divisor: u32) -> vec2<u32> {
  var rest = a.x % divisor;
  if (rest == 0u) { return vec2<u32>(a.x / divisor, a.y / divisor); }
  var low = 0u;
  for (var bit = 32u; bit > 0u; bit--) {
    rest = (rest << 1u) | ((a.y >> (bit - 1u)) & 1u);
    low = low << 1u;
    if (rest >= divisor) {
      rest -= divisor;
      low |= 1u;
    }
  }
  return vec2<u32>(a.x / divisor, low);
}
