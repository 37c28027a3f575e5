// Threefry-2x32 with 20 rounds: twin of threefry.ts, which cites the source. Words are 32 random bits, without unit.

const THREEFRY_PARITY: u32 = 0x1bd11bdau;

fn threefry_round(words: vec2<u32>, rotation: u32) -> vec2<u32> {
  let sum = words.x + words.y;
  return vec2<u32>(sum, ((words.y << rotation) | (words.y >> (32u - rotation))) ^ sum);
}

// Four rounds with the given rotations (bits). No loop: drivers unroll loops one by one, and the work for all of them grows with
// the square of their number.
fn threefry_rounds(words: vec2<u32>, rotations: vec4<u32>) -> vec2<u32> {
  let two = threefry_round(threefry_round(words, rotations.x), rotations.y);
  return threefry_round(threefry_round(two, rotations.z), rotations.w);
}

// Encrypts the counter under the key: two random words.
fn threefry2x32(key: vec2<u32>, counter: vec2<u32>) -> vec2<u32> {
  let key2 = THREEFRY_PARITY ^ key.x ^ key.y;
  let even = vec4<u32>(13u, 15u, 26u, 6u);
  let odd = vec4<u32>(17u, 29u, 16u, 24u);
  var x = counter + key;
  x = threefry_rounds(x, even) + vec2<u32>(key.y, key2 + 1u);
  x = threefry_rounds(x, odd) + vec2<u32>(key2, key.x + 2u);
  x = threefry_rounds(x, even) + vec2<u32>(key.x, key.y + 3u);
  x = threefry_rounds(x, odd) + vec2<u32>(key.y, key2 + 4u);
  return threefry_rounds(x, even) + vec2<u32>(key2, key.x + 5u);
}
