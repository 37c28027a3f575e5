// The values that a box allows, by slot: the least are the `design`. Twin of box.ts; read_ranges is written out for each space,
// see boxProgram.ts.

var<private> most: array<f32, SLOT_COUNT>;
// codes of categories, as bits
var<private> codes: array<u32, SLOT_COUNT>;
// whether the box is one design
var<private> single: bool;
// the numbers of chunks are chunk_count of these digits
var<private> first_chunks: u32;
var<private> last_chunks: u32;

// The most of a parameter in each dimension, in its unit.
fn most_dimensions(slot: u32) -> vec4<f32> {
  return vec4<f32>(most[slot], most[slot + 1u], most[slot + 2u], most[slot + 3u]);
}

// The codes of a category in each dimension, as bits.
fn code_dimensions(slot: u32) -> vec4<u32> {
  return vec4<u32>(codes[slot], codes[slot + 1u], codes[slot + 2u], codes[slot + 3u]);
}

// Whether a code is among those of each dimension.
fn has_code(bits: vec4<u32>, code: u32) -> vec4<bool> {
  return (bits & vec4<u32>(1u << code)) != vec4<u32>(0u);
}
