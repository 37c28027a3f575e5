// Threefry-2x32 with 20 rounds: twin of threefry.ts, which cites the source. Words are 32 random bits, without unit.

const THREEFRY_PARITY: u32 = 0x1bd11bdau;

// Four rounds with the given rotations (bits).
fn threefry_rounds(words: vec2<u32>, rotations: vec4<u32>) -> vec2<u32> {
  var x = words;
  for (var round = 0u; round < 4u; round++) {
    let rotation = rotations[round];
    x.x += x.y;
    x.y = ((x.y << rotation) | (x.y >> (32u - rotation))) ^ x.x;
  }
  return x;
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
