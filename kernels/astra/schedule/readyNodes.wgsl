// The ready nodes of a slot, of which the lowest number goes first: a bit for each node, and one for each word of those. Twin of
// readyNodes.ts.

// Where the state of the stage that runs has them.
var<private> bits_at: vec2<u32>;
var<private> words_at: vec2<u32>;
var<private> ready_count: vec2<u32>;

fn add_ready(slot: u32, node: u32) {
  state[state_at(bits_at[slot] + (node >> 5u))] |= 1u << (node & 31u);
  state[state_at(words_at[slot] + (node >> 10u))] |= 1u << ((node >> 5u) & 31u);
  ready_count[slot]++;
}

// Others are ready in a word than were.
fn put_ready(slot: u32, word: u32, bits: u32) {
  let at = state_at(bits_at[slot] + word);
  let top = state_at(words_at[slot] + (word >> 5u));
  let bit = 1u << (word & 31u);
  ready_count[slot] += countOneBits(bits) - countOneBits(state[at]);
  state[at] = bits;
  state[top] = select(state[top] & ~bit, state[top] | bit, bits != 0u);
}

// Nothing is ready; no bit but those of these words is set.
fn clear_ready(slot: u32, first_word: u32, words: u32) {
  for (var i = 0u; i < words; i++) { state[state_at(bits_at[slot] + first_word + i)] = 0u; }
  for (var i = 0u; i < steps[graph + STEP_GRAPH_TOPS]; i++) { state[state_at(words_at[slot] + i)] = 0u; }
  ready_count[slot] = 0u;
}

// Takes the lowest number; there must be one.
fn take_ready(slot: u32) -> u32 {
  var top = 0u;
  while (state[state_at(words_at[slot] + top)] == 0u) { top++; }
  let words = state_at(words_at[slot] + top);
  let word = (top << 5u) + firstTrailingBit(state[words]);
  let at = state_at(bits_at[slot] + word);
  let bits = state[at];
  // A word without its lowest bit.
  state[at] = bits & (bits - 1u);
  if ((bits & (bits - 1u)) == 0u) { state[words] &= state[words] - 1u; }
  ready_count[slot]--;
  return (word << 5u) + firstTrailingBit(bits);
}
