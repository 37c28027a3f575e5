// Layers that a stage goes through as it went through the layer before: once its state at the end of a layer is the state at the end
// of the layer before, only a layer further, all that follows repeats, and is skipped. Twin of steady.ts; the whole graph is there,
// so no layer is left out of it. Drivers inline each call, so both directions share what compares and moves layers.

// Since the last mark: the lowest and the highest layer of a node that ran, of gathers too; did one of no layer run?
var<private> lowest: u32;
var<private> highest: u32;
var<private> lowest_gather: u32;
var<private> others: bool;
var<private> gathers_begun: u32;

// Of the stage at the end of a layer; see SNAPSHOT.
fn snapshot_at(place: u32) -> u32 {
  return steps[step + STEP_SNAPSHOT] + place;
}

fn before(place: u32) -> u32 {
  return state[state_at(snapshot_at(place))];
}

fn put_before(place: u32, word: u32) {
  state[state_at(snapshot_at(place))] = word;
}

// FREE for nodes of none.
fn layer_of(node: u32) -> u32 {
  // Of a node before the first layer more than any.
  let layer = (node - first_layer) >> firstTrailingBit(layer_width());
  if (layer < layers) { return layer; }
  let of_sum = node - first_sum;
  if (of_sum < layers) { return of_sum; }
  let of_update = node - first_update;
  return select(FREE, of_update, of_update < layers);
}

// A node begins.
fn touch(node: u32) {
  let layer = layer_of(node);
  if (is_gather(node)) {
    gathers_begun++;
    lowest_gather = min(lowest_gather, layer);
  } else if (layer == FREE) {
    others = true;
  } else {
    lowest = min(lowest, layer);
    highest = max(highest, layer);
  }
}

// A layer has ended, or a pass enters the first one: skips what repeats.
fn mark_layer(node: u32, mark: u32) {
  let enters = mark > ENTERS;
  let direction = select(mark, mark - ENTERS, enters);
  let forward = direction == FORWARD;
  var layer = layer_of(node);
  // Before the first layer lies a number that no layer has.
  if (!forward) { write_layer(select(layer - 2u, layers - 2u, enters)); }
  let next = select(select(layer - 1u, layer + 1u, forward), select(layers - 1u, 0u, forward), enters);
  if (next < layers && enter_layer(direction, next)) {
    put_before(SNAPSHOT_LAYER, 0u);
    return;
  }
  if (enters) { return; }
  // The last layer of a pass ends otherwise, for what follows it is none.
  var left = select(i32(layer) - 1, i32(layers) - 2 - i32(layer), forward);
  let follows = before(SNAPSHOT_LAYER) != 0u && before(SNAPSHOT_DIRECTION) == direction && before(SNAPSHOT_LAYER) == select(layer + 2u, layer, forward);
  if (left > 0 && follows && !others && less(time_at(snapshot_at(SNAPSHOT_AT) + 2u * ELAPSED_NOW), elapsed[ELAPSED_NOW])) {
    let count = skip_layers(forward, layer, u32(left));
    layer = select(layer - count, layer + count, forward);
    left -= i32(count);
  }
  if (left > 1) { keep(direction, layer); } else { put_before(SNAPSHOT_LAYER, 0u); }
}

fn gathers_ended() -> u32 {
  let node = running[COMMUNICATE];
  return gathers_begun - select(0u, 1u, node != FREE && is_gather(node));
}

fn is_gather(node: u32) -> bool {
  return (node_word(node) & (1u << NODE_BIT_GATHER)) != 0u;
}

fn waits_of(node: u32) -> u32 {
  return (state[state_at(waits_at + node / WAITS_IN_WORD)] >> (WAITS_BITS * (node % WAITS_IN_WORD))) & WAITS_MASK;
}

fn put_waits(node: u32, waits: u32) {
  let shift = WAITS_BITS * (node % WAITS_IN_WORD);
  let at = state_at(waits_at + node / WAITS_IN_WORD);
  state[at] = (state[at] & ~(WAITS_MASK << shift)) | (waits << shift);
}

// Of a computation.
fn is_ready(node: u32) -> u32 {
  return (state[state_at(bits_at[COMPUTE] + (node >> 5u))] >> (node & 31u)) & 1u;
}

// What the sum and the update of a layer wait for, and whether they are ready.
fn sums_of(layer: u32) -> u32 {
  let of_sum = first_sum + layer;
  let of_update = first_update + layer;
  return waits_of(of_sum) | (waits_of(of_update) << WAITS_BITS) | (is_ready(of_sum) << (2u * WAITS_BITS)) | (is_ready(of_update) << (2u * WAITS_BITS + 1u));
}

fn keep(direction: u32, layer: u32) {
  let forward = direction == FORWARD;
  let behind = select(1u, BEHIND, forward);
  let first = max(layer - min(layer, behind), stage_word(STAGE_STATE_UNWRITTEN_END));
  let last = min(layers - 1u, layer + select(BEHIND, AHEAD, forward));
  let kept = last - first + 1u;
  put_before(SNAPSHOT_LAYER, layer + 1u);
  put_before(SNAPSHOT_DIRECTION, direction);
  put_before(SNAPSHOT_FIRST_LAYER, first);
  put_before(SNAPSHOT_LAYERS, kept);
  for (var part = 0u; part < 1u + slots(); part++) {
    let words = layer_words(part);
    copy_words(layer_at(part, first), snapshot_at(kept_at(part)), kept * words);
  }
  // In a forward pass they wait.
  for (var i = 0u; i < select(kept, 0u, forward); i++) { put_before(SNAPSHOT_SUMS + i, sums_of(first + i)); }
  lowest = FREE;
  highest = 0u;
  lowest_gather = FREE;
  others = false;
  for (var slot = 0u; slot < slots(); slot++) {
    let node = running[slot];
    put_before(SNAPSHOT_RUNNING + slot, node);
    put_time(snapshot_at(SNAPSHOT_RESTS) + 2u * slot, difference(ends_ns[slot], elapsed[ELAPSED_NOW]));
    if (node == FREE) { continue; }
    let layer_there = layer_of(node);
    if (is_gather(node)) {
      lowest_gather = layer_there;
    } else if (layer_there == FREE) {
      others = true;
    } else {
      lowest = min(lowest, layer_there);
      highest = max(highest, layer_there);
    }
  }
  put_before(SNAPSHOT_COMPUTE_FIRST, select(0u, 1u, compute_first));
  read_elapsed(snapshot_at(SNAPSHOT_AT));
  put_before(SNAPSHOT_GATHERS_BEGUN, gathers_begun);
  put_before(SNAPSHOT_GATHERS_ENDED, gathers_ended());
}

// What the nodes of layers are: what they wait for, and by slots which are ready.
fn layer_words(part: u32) -> u32 {
  return layer_width() / select(32u, WAITS_IN_WORD, part == 0u);
}

fn layer_at(part: u32, layer: u32) -> u32 {
  let node = first_layer + layer * layer_width();
  if (part == 0u) { return waits_at + node / WAITS_IN_WORD; }
  return bits_at[part - 1u] + node / 32u;
}

fn kept_at(part: u32) -> u32 {
  let width = layer_width();
  return SNAPSHOT_NODES + select(KEPT * width / WAITS_IN_WORD + (part - 1u) * KEPT * width / 32u, 0u, part == 0u);
}

// Where a node of a layer lies in a layer so many further.
fn shifted(node: u32, by: u32) -> u32 {
  let width = layer_width();
  let end = first_layer + layers * width;
  return node + by * select(1u, width, node < end);
}

// Do the same nodes run, a layer further, and end as soon?
fn runs_alike(by: u32, any_gather: bool) -> bool {
  if (compute_first != (before(SNAPSHOT_COMPUTE_FIRST) == 1u)) { return false; }
  for (var slot = 0u; slot < slots(); slot++) {
    let node = running[slot];
    let other = before(SNAPSHOT_RUNNING + slot);
    if (node == FREE || other == FREE) {
      if (node != other) { return false; }
      continue;
    }
    let rest_ns = difference(ends_ns[slot], elapsed[ELAPSED_NOW]);
    if (any(rest_ns != time_at(snapshot_at(SNAPSHOT_RESTS) + 2u * slot))) { return false; }
    if (any_gather && is_gather(node) && is_gather(other)) { continue; }
    if (node != shifted(other, by)) { return false; }
  }
  return true;
}

// Are the nodes of layers what those of as many layers were, one layer before?
fn layers_alike(first: u32, last: u32, by: u32) -> bool {
  // Of layers before those that are kept more than any.
  let place = first - by - before(SNAPSHOT_FIRST_LAYER);
  let count = last - first + 1u;
  let kept = before(SNAPSHOT_LAYERS);
  if (place >= kept || place + count > kept) { return false; }
  for (var part = 0u; part < 1u + slots(); part++) {
    let words = layer_words(part);
    let at = layer_at(part, first);
    let other = snapshot_at(kept_at(part) + place * words);
    for (var i = 0u; i < count * words; i++) {
      if (state[state_at(at + i)] != state[state_at(other + i)]) { return false; }
    }
  }
  // In a forward pass they wait.
  for (var i = 0u; i < select(count, 0u, by == 1u); i++) {
    if (sums_of(first + i) != before(SNAPSHOT_SUMS + place + i)) { return false; }
  }
  return true;
}

fn gathering(layer: u32) -> u32 {
  let gathers = steps[graph + STEP_GRAPH_GATHERS];
  if (before(SNAPSHOT_GATHERS_ENDED) == gathers) { return GATHERING_OVER; }
  let ahead = EACH * (layer + 2u);
  let far = before(SNAPSHOT_GATHERS_ENDED) >= ahead && gathers_ended() >= ahead + EACH && gathers_begun < gathers;
  if (far && gathers_take_as_long()) { return GATHERING_FAR; }
  return select(GATHERING_OTHER, GATHERING_NEAR, gathers_begun <= EACH * (layer + 1u + AHEAD));
}

// Skips repetitions of the last layer of a pass, as many of those that are left as repeat; tells how many. A backward pass begins when
// no layer has anything left of the forward pass.
fn skip_layers(forward: bool, layer: u32, left: u32) -> u32 {
  let how = gathering(layer);
  let far = forward && how == GATHERING_FAR;
  let near = forward && how == GATHERING_NEAR;
  var first = layer - 1u;
  var last = highest;
  if (forward) {
    if (how == GATHERING_OTHER) { return 0u; }
    first = select(lowest, min(lowest, lowest_gather), near);
    last = layer + select(1u, AHEAD, near);
  } else if (how != GATHERING_OVER || lowest < first) {
    return 0u;
  }
  let by = select(0xffffffffu, 1u, forward);
  if (last >= layers || !runs_alike(by, far) || !layers_alike(first, last, by)) { return 0u; }
  let each = gathers_begun - before(SNAPSHOT_GATHERS_BEGUN);
  var count = left;
  if (near) { count = min(left, layers - 1u - last); }
  if (far) { count = min(count, gathers_last(layer, each)); }
  if (count == 0u) { return 0u; }
  move_layers(forward, near, first, last, count, select(0u, each * count, far));
  gathers_begun += each * count;
  read_elapsed_since(snapshot_at(SNAPSHOT_TOOK), snapshot_at(SNAPSHOT_AT));
  pass_elapsed(snapshot_at(SNAPSHOT_TOOK), count);
  return count;
}

// Layers for which there are gathers to begin, and those that they are ahead of have theirs.
fn gathers_last(layer: u32, each: u32) -> u32 {
  var last = FREE;
  if (each > 0u) { last = (steps[graph + STEP_GRAPH_GATHERS] - gathers_begun) / each; }
  // They are further ahead than that.
  let spare = gathers_ended() - EACH * (layer + 3u);
  if (each < EACH) { last = min(last, spare / (EACH - each) + 1u); }
  return last;
}

fn gathers_take_as_long() -> bool {
  let rows = step + STEP_GATHER_ROWS;
  return all(duration_ns(stage, steps[rows]) == duration_ns(stage, steps[rows + 1u]));
}
