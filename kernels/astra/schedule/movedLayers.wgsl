// Layers whose nodes become those of layers further on, in a stage that skips what repeats: what ran and what waits moves along, gathers
// that are ahead go on, and layers between are written now or when a backward pass comes near.

fn gather_node(gather: u32) -> u32 {
  let place = steps[graph + STEP_GRAPH_GATHER_PLACES + gather % EACH];
  return first_layer + gather / EACH * layer_width() + place;
}

// So many more gathers end, and as many begin.
fn end_gathers(count: u32) {
  let ended = gathers_ended();
  // The one that runs in the end is not ready either.
  for (var gather = ended; gather < gathers_begun + count; gather++) {
    let node = gather_node(gather);
    let word = node >> 5u;
    put_ready(COMMUNICATE, word, state[state_at(bits_at[COMMUNICATE] + word)] & ~(1u << (node & 31u)));
    if (gather >= ended + count) {
      running[COMMUNICATE] = node;
      continue;
    }
    let at = nodes_at + 2u * node;
    let successors = steps[at] >> NODE_BIT_SUCCESSORS;
    for (var i = 0u; i < successors; i++) {
      let successor = steps[step + steps[at + 1u] + i];
      put_waits(successor, waits_of(successor) - 1u);
    }
  }
}

// The nodes of some layers become those of layers further on; layers between them are as the one that is left behind. So many more
// gathers have ended, and have begun.
fn move_layers(forward: bool, near: bool, first: u32, last: u32, by: u32, gathers: u32) {
  let count = last - first + 1u;
  for (var slot = 0u; slot < slots(); slot++) {
    let node = running[slot];
    let is_far = gathers > 0u && node != FREE && is_gather(node);
    if (node != FREE && !is_far) { running[slot] = shifted(node, select(0u - by, by, forward)); }
  }
  if (gathers > 0u) { end_gathers(gathers); }
  // In a forward pass they wait.
  let sums = select(sums_of(last), 0u, forward);
  let sums_left = (sums >> (2u * WAITS_BITS)) != 0u;
  // Of layers between, where none of those was before, nothing is ready where gathers are far or over, nor where all of the one that a
  // backward pass leaves behind has ended, and then nobody asks what they wait for.
  let between = select(near, any_ready(last), !forward);
  let written = min(by, select(count, by, between));
  for (var i = 0u; i < count + written - 1u; i++) {
    var origin = select(last, first, forward);
    var distance = i + 1u - count;
    if (i < count) {
      origin = select(first + i, last - i, forward);
      distance = by;
    }
    copy_layer(origin, select(origin - distance, origin + distance, forward));
  }
  if (forward) {
    if (written < by) { write_later(first + written, first + by, first); }
    return;
  }
  for (var i = 0u; i < count; i++) { put_sums(first + i - by, 1u, sums_of(first + i)); }
  let behind = select(written, by, between || sums_left) - 1u;
  put_sums(last - behind, behind, sums);
}

fn copy_layer(origin: u32, goal: u32) {
  copy_words(layer_at(0u, origin), layer_at(0u, goal), layer_words(0u));
  for (var slot = 0u; slot < slots(); slot++) {
    let word = layer_at(1u + slot, goal) - bits_at[slot];
    for (var i = 0u; i < layer_words(1u); i++) { put_ready(slot, word + i, state[state_at(layer_at(1u + slot, origin) + i)]); }
  }
}

fn any_ready(layer: u32) -> bool {
  var bits = 0u;
  for (var slot = 0u; slot < slots(); slot++) {
    for (var i = 0u; i < layer_words(1u); i++) { bits |= state[state_at(layer_at(1u + slot, layer) + i)]; }
  }
  return bits != 0u;
}

// Bits of a word that holds so many items, those from one item of all to another.
fn bits_of_items(word: u32, in_word: u32, first: u32, end: u32) -> u32 {
  let low = max(first, word * in_word) - word * in_word;
  let high = min(end, (word + 1u) * in_word) - word * in_word;
  let each = 32u / in_word;
  return (0xffffffffu << (each * low)) & (0xffffffffu >> (32u - each * high));
}

// Sums and updates of some layers become what sums_of tells.
fn put_sums(layer: u32, count: u32, sums: u32) {
  if (count == 0u) { return; }
  for (var i = 0u; i < slots(); i++) {
    let node = select(first_update, first_sum, i == 0u) + layer;
    let end = node + count;
    let waits = ((sums >> (WAITS_BITS * i)) & WAITS_MASK) * (0xffffffffu / WAITS_MASK);
    for (var word = node / WAITS_IN_WORD; word * WAITS_IN_WORD < end; word++) {
      let mask = bits_of_items(word, WAITS_IN_WORD, node, end);
      let at = state_at(waits_at + word);
      state[at] = (state[at] & ~mask) | (waits & mask);
    }
    let ready = ((sums >> (2u * WAITS_BITS + i)) & 1u) == 1u;
    for (var word = node / 32u; word * 32u < end; word++) {
      let mask = bits_of_items(word, 32u, node, end);
      let bits = state[state_at(bits_at[COMPUTE] + word)];
      put_ready(COMPUTE, word, select(bits & ~mask, bits | mask, ready));
    }
  }
}

fn stage_word(place: u32) -> u32 {
  return state[state_at(stage_at + place)];
}

// What layers between others wait for, which a forward pass has skipped, is written when a backward pass comes near: it is that of
// another layer, which that has not reached then.
fn write_later(first: u32, end: u32, like: u32) {
  if (stage_word(STAGE_STATE_UNWRITTEN_END) > 0u) {
    for (var layer = first; layer < end; layer++) { copy_words(layer_at(0u, like), layer_at(0u, layer), layer_words(0u)); }
    return;
  }
  state[state_at(stage_at + STAGE_STATE_UNWRITTEN_END)] = end;
  state[state_at(stage_at + STAGE_STATE_UNWRITTEN)] = first;
  state[state_at(stage_at + STAGE_STATE_UNWRITTEN_LIKE)] = like;
}

fn write_layer(layer: u32) {
  if (layer >= stage_word(STAGE_STATE_UNWRITTEN_END) || layer < stage_word(STAGE_STATE_UNWRITTEN)) { return; }
  copy_words(layer_at(0u, stage_word(STAGE_STATE_UNWRITTEN_LIKE)), layer_at(0u, layer), layer_words(0u));
  // Behind the first of them none is left.
  state[state_at(stage_at + STAGE_STATE_UNWRITTEN_END)] = select(layer, 0u, layer == stage_word(STAGE_STATE_UNWRITTEN));
}
