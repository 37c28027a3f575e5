// Numbers of double precision (IEEE 754) by their bits (high, low), for WGSL has none: zero and normal positive numbers, rounded to
// nearest, ties to even. So they are to the last bit what TypeScript's numbers are.

const DOUBLE_BIAS = 1023;
const DOUBLE_FRACTION_BITS = 52u;
const DOUBLE_GIGA = vec2<u32>(0x41cdcd65u, 0u);

// The power of two of the last of 53 bits.
fn double_exponent(a: vec2<u32>) -> i32 {
  return i32(a.x >> 20u) - DOUBLE_BIAS - i32(DOUBLE_FRACTION_BITS);
}

fn double_significand(a: vec2<u32>) -> vec2<u32> {
  return vec2<u32>((a.x & 0xfffffu) | 0x100000u, a.y);
}

// Nearest to value·2^exponent; what was lost below the value's lowest bit is that bit set, and the value has 55 bits then.
fn double_rounded(exponent: i32, value: vec2<u32>) -> vec2<u32> {
  let zeros = leading_zeros(value);
  if (zeros == 64u) { return vec2<u32>(0u, 0u); }
  let leading = shifted_left(value, zeros);
  let rest = leading.y & 0x7ffu;
  let significand = shifted_right(leading, 11u);
  let up = rest > 0x400u || (rest == 0x400u && (significand.y & 1u) == 1u);
  // The significand's leading bit, or the one above it, adds to the exponent.
  let biased = exponent - i32(zeros) + 63 + DOUBLE_BIAS - 1;
  return sum(vec2<u32>(u32(biased) << 20u, 0u), sum(significand, vec2<u32>(0u, select(0u, 1u, up))));
}

fn double_of(whole: vec2<u32>) -> vec2<u32> {
  return double_rounded(0, whole);
}

fn double_sum(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let large = select(a, b, less(a, b));
  let small = select(b, a, less(a, b));
  if (small.x == 0u) { return large; }
  let by = u32(double_exponent(large) - double_exponent(small));
  let value = shifted_left(double_significand(small), 10u);
  var rest = vec2<u32>(0u, 1u);
  if (by < 64u) {
    rest = shifted_right(value, by);
    let back = shifted_left(rest, by);
    rest.y |= select(1u, 0u, back.x == value.x && back.y == value.y);
  }
  return double_rounded(double_exponent(large) - 10, sum(shifted_left(double_significand(large), 10u), rest));
}

fn double_product(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  if (a.x == 0u || b.x == 0u) { return vec2<u32>(0u, 0u); }
  let one = shifted_left(double_significand(a), 11u);
  let other = shifted_left(double_significand(b), 11u);
  let low = product(one.y, other.y);
  let middle = sum(product(one.x, other.y), vec2<u32>(0u, low.x));
  let rest = sum(product(one.y, other.x), vec2<u32>(0u, middle.y));
  var high = sum(product(one.x, other.x), sum(vec2<u32>(0u, middle.x), vec2<u32>(0u, rest.x)));
  high.y |= select(0u, 1u, (rest.y | low.y) != 0u);
  return double_rounded(double_exponent(a) + double_exponent(b) + 42, high);
}

// Bit by bit.
fn double_quotient(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  if (a.x == 0u) { return a; }
  let divisor = double_significand(b);
  var rest = double_significand(a);
  var quotient = vec2<u32>(0u, 0u);
  for (var i = 0u; i < 56u; i++) {
    quotient = shifted_left(quotient, 1u);
    if (!less(rest, divisor)) {
      rest = difference(rest, divisor);
      quotient.y |= 1u;
    }
    rest = shifted_left(rest, 1u);
  }
  quotient.y |= select(0u, 1u, (rest.x | rest.y) != 0u);
  return double_rounded(double_exponent(a) - double_exponent(b) - 55, quotient);
}

// Without its fraction; below 2^64.
fn double_whole(a: vec2<u32>) -> vec2<u32> {
  let exponent = double_exponent(a);
  if (exponent < -i32(DOUBLE_FRACTION_BITS)) { return vec2<u32>(0u, 0u); }
  if (exponent < 0) { return shifted_right(double_significand(a), u32(-exponent)); }
  return shifted_left(double_significand(a), u32(exponent));
}
