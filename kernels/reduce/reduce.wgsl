// What a sweep keeps of a design: counts for all, a candidate for those that may matter. Twin of reducer.ts.
// Objectives have the units of their definitions and are compared only.

// Objectives of the goal, which a pipeline knows: each is a copy of all that reads outputs.
override OBJECTIVE_COUNT: u32 = MAX_OBJECTIVES;

var<workgroup> group_counters: array<atomic<u32>, COUNTER_COUNT>;
var<private> objective_values: array<f32, MAX_OBJECTIVES>;

// Quarter octave of an objective: 4·log2(value) rounded down, less HISTOGRAM_LOW, clamped. The bits of an f32 hold the
// octave, and three comparisons the quarter, so that no log2 of some precision decides.
fn histogram_bin(value: f32) -> u32 {
  let bits = bitcast<u32>(max(value, SMALLEST_NORMAL));
  let octave = i32(bits >> 23u) - 127;
  let mantissa = bitcast<f32>((bits & 0x007fffffu) | 0x3f800000u);
  let quarter = i32(mantissa >= QUARTER_1) + i32(mantissa >= QUARTER_2) + i32(mantissa >= QUARTER_3);
  return u32(clamp(4 * octave + quarter - HISTOGRAM_LOW, 0, i32(HISTOGRAM_BINS) - 1));
}

// Fills `objective_values` with the design's objectives, none above LARGEST: a sentinel where f32 overflows.
fn fill_values() {
  for (var k = 0u; k < MAX_OBJECTIVES; k++) {
    objective_values[k] = 0.0;
    if (k < OBJECTIVE_COUNT) {
      objective_values[k] = min(objective_value(k), LARGEST);
    }
  }
}

// Is a member of the front at least as good in all objectives? Members come from earlier designs, so it wins ties.
fn dominated() -> bool {
  let mine = vec4<f32>(objective_values[0], objective_values[1], objective_values[2], objective_values[3]);
  for (var member = 0u; member < request.front_size; member++) {
    if (all(front[member] <= mine)) {
      return true;
    }
  }
  return false;
}

// May the design be among the best, or on the front?
fn is_candidate() -> bool {
  if (objective_values[0] < request.threshold) {
    return true;
  }
  return request.pareto == 1u && !dominated();
}

// Appends the design to the candidates; their order is the host's business.
fn append_candidate(index: u32) {
  let at = atomicAdd(&counters[COUNTER_CANDIDATES], 1u) * CANDIDATE_STRIDE;
  candidates[at] = index;
  for (var k = 0u; k < MAX_OBJECTIVES; k++) {
    candidates[at + 1u + k] = bitcast<u32>(objective_values[k]);
  }
}

// Counts the bits of a word in the workgroup's counters, from `place` on.
fn count_bits(word: u32, place: u32) {
  for (var rest = word; rest != 0u; rest &= rest - 1u) {
    atomicAdd(&group_counters[place + countTrailingZeros(rest)], 1u);
  }
}

// Takes one simulated design into account.
fn reduce_design(index: u32, status: u32) {
  let broken = broken_limits();
  count_bits(status, COUNTER_REASONS);
  count_bits(broken, COUNTER_LIMITS);
  if ((status & request.infeasible) != 0u || broken != 0u) {
    return;
  }
  fill_values();
  atomicAdd(&group_counters[COUNTER_FEASIBLE], 1u);
  atomicAdd(&group_counters[COUNTER_HISTOGRAM + histogram_bin(objective_values[0])], 1u);
  if (is_candidate()) {
    append_candidate(index);
  }
}

// Adds the workgroup's counts to the chunk's.
fn flush_counters(lane: u32) {
  for (var i = lane; i < COUNTER_COUNT; i += WORKGROUP_SIZE) {
    let count = atomicLoad(&group_counters[i]);
    if (count != 0u) {
      atomicAdd(&counters[i], count);
    }
  }
}
