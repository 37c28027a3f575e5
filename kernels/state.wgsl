// What the simulator keeps of one design: see kernels/state.ts, whose names these are. Times in us, sizes in MB. It holds the
// plan of one graph, so designs of workloads with more share nothing. All places are constants once the functions are inlined,
// so that all of it may live in registers.

// a row of outputs, and why the design is infeasible
var<private> outputs: array<f32, OUTPUT_COUNT>;
var<private> status: u32;
var<private> plan_status: u32;
var<private> layout_status: u32;
var<private> memory_status: u32;
var<private> bad_channels: u32;
var<private> stale_plan: bool;
var<private> stale_groups: u32;

// network, per dimension
var<private> npus: vec4<f32>;
var<private> topology: vec4<u32>;
var<private> link_us_per_mb: vec4<f32>;
var<private> hop_us: vec4<f32>;
var<private> switch_passes: vec4<f32>;
var<private> dimension_gbps: vec4<f32>;
var<private> dimension_usd: vec4<f32>;
// NPUs of a group in the dimensions, and the width of NPU numbers that they span there
var<private> group_factor: array<vec4<f32>, GROUP_COUNT>;
var<private> group_span: array<vec4<f32>, GROUP_COUNT>;
var<private> group_size: array<f32, GROUP_COUNT>;
// the groups that have several NPUs in a dimension, as bits
var<private> dimension_groups: vec4<u32>;

// channels: a collective takes us + us_per_mb · MB + us_per_root_mb · √MB, and these times the sum and the longest of its stations
var<private> channel_us: array<f32, CHANNEL_COUNT>;
var<private> channel_us_per_mb: array<f32, CHANNEL_COUNT>;
var<private> channel_sum: array<f32, CHANNEL_COUNT>;
var<private> channel_longest: array<f32, CHANNEL_COUNT>;
var<private> channel_us_per_root_mb: array<f32, CHANNEL_COUNT>;
// an all-reduce by two trees in the place of its ring: us, us per MB and per root of MB; 0 without trees
var<private> tree_us: array<f32, CHANNEL_GROUPS>;
var<private> tree_us_per_mb: array<f32, CHANNEL_GROUPS>;
var<private> tree_us_per_root_mb: array<f32, CHANNEL_GROUPS>;
// what their pieces cost at most, us
var<private> tree_most_pieces_us: array<f32, CHANNEL_GROUPS>;
// the same by trees over nodes whose switches reduce: us, and us per MB, 0 without
var<private> switch_tree_us: array<f32, CHANNEL_GROUPS>;
var<private> switch_tree_us_per_mb: array<f32, CHANNEL_GROUPS>;
// stations, one per dimension: busy for us + us_per_mb · MB
var<private> station_us: array<vec4<f32>, CHANNEL_COUNT>;
var<private> station_us_per_mb: array<vec4<f32>, CHANNEL_COUNT>;
var<private> station_links: array<vec4<f32>, CHANNEL_COUNT>;
var<private> station_reduction_us_per_mb: array<vec4<f32>, CHANNEL_COUNT>;
// of the last phase, per dimension
var<private> phase_alpha_us: vec4<f32>;
var<private> phase_links: vec4<f32>;
var<private> phase_reduced: vec4<f32>;
var<private> phase_bad: vec4<bool>;

// plan: of the current graph
var<private> graph: u32;
var<private> flags: u32;
// the groups of a section's collectives that have several NPUs, as bits
var<private> several_groups: u32;
var<private> micro_batch: u32;
var<private> micro_batches: u32;
var<private> scales: array<f32, SCALE_COUNT>;
var<private> us_per_mflop: array<f32, RATE_COUNT>;
var<private> us_per_mb: f32;
// where times depend on the shapes of products, or on number formats
var<private> half_depth: array<f32, RATE_COUNT>;
var<private> depth_us: array<f32, RATE_COUNT>;
var<private> overhead_us: array<f32, RATE_COUNT>;
var<private> rate_us_per_mb: array<f32, RATE_COUNT>;
var<private> operand_share: array<f32, RATE_COUNT>;
var<private> quantization_us: f32;
var<private> quantization_us_per_mb: f32;
var<private> call_mb: array<f32, CALL_COUNT>;
var<private> used_channels: u32;
// the compute between waits and collectives
var<private> segment_us: array<f32, SEGMENT_COUNT>;
var<private> section_groups: array<u32, SECTION_COUNT>;
// collectives of a layer, forward and backward, in each of its channels: number and MB
var<private> layer_count: array<f32, LAYER_CHANNEL_COUNT>;
var<private> layer_mb: array<f32, LAYER_CHANNEL_COUNT>;
var<private> section_compute_us: array<f32, SECTION_COUNT>;
// what of it makes gradients of weights
var<private> section_weight_us: array<f32, SECTION_COUNT>;
var<private> section_launch_us: array<f32, SECTION_COUNT>;
var<private> section_saved_mb: array<f32, SECTION_COUNT>;
var<private> section_dropped_mb: array<f32, SECTION_COUNT>;
// of what a layer keeps and does not drop, what modules have on the host, and the rest
var<private> offloaded_mb: f32;
var<private> remaining_mb: f32;
// tensors of a layer that is recomputed whole which are kept all the same: of them on the host, and on the NPU
var<private> tensors_on_host_mb: f32;
var<private> tensors_mb: f32;
// the largest input and output of an operation in the forward pass of a layer, in inference
var<private> largest_mb: f32;
// how much of full recomputation the mean of all layers runs
var<private> planned_again_share: f32;

// schedule: of the current graph; three components are tp, sp, ep
var<private> call_us: array<f32, CALL_COUNT>;
var<private> section_queue_us: array<vec3<f32>, LAYER_SECTIONS>;
var<private> section_us: array<f32, SECTION_COUNT>;
var<private> section_loaded_us: array<f32, SECTION_COUNT>;
var<private> section_host_us: array<f32, SECTION_COUNT>;
var<private> section_alone_us: array<f32, SECTION_COUNT>;
var<private> section_exposed_us: array<vec3<f32>, SECTION_COUNT>;
// use of the dimensions by one layer, forward and backward
var<private> section_block_us: array<vec4<f32>, LAYER_SECTIONS>;
var<private> gather_us: f32;
var<private> gather_busy_us: vec4<f32>;
var<private> gradient_us: f32;
var<private> gradient_busy_us: vec4<f32>;
var<private> forward_period_us: f32;
var<private> backward_period_us: f32;
var<private> last_backward_period_us: f32;
var<private> stale_stages: bool;
// the stages that differ: the first, two between, the last; 0 stages where there is none like it
var<private> place_stage: vec4<f32>;
var<private> place_stages: vec4<f32>;
var<private> place_layers: vec4<f32>;
// the share of the micro-batches that passes embedding and head there
var<private> place_embed: vec4<f32>;
var<private> place_head: vec4<f32>;
var<private> place_forward_us: vec4<f32>;
var<private> place_backward_us: vec4<f32>;
// what the last backward pass takes longer
var<private> place_delay_us: vec4<f32>;
var<private> slowest_place: u32;
// the place that the step ends with: the first stage, or where the schedule splits the backward pass that which takes longest
var<private> end_place: u32;
var<private> all_stages_us: f32;
// of a micro-batch's backward pass the gradients of weights, and on all stages, where the schedule splits it
var<private> place_weight_us: vec4<f32>;
var<private> all_forward_us: f32;
var<private> all_weight_us: f32;
var<private> last_pass_delay_us: f32;
// a component for each place that the step may end with
var<private> pipeline_us: vec4<f32>;
var<private> sends_us: vec4<f32>;
var<private> alone_us: f32;
var<private> replicas_us: vec4<f32>;
var<private> optimizer_us: f32;
// time of a step in which an NPU computes, us: neighbours of one plan share it
var<private> plan_busy_us: f32;
var<private> step_us: f32;

// the current graph's row of outputs, and one for the memory of another stage
var<private> parts: array<f32, OUTPUT_COUNT>;
var<private> other: array<f32, OUTPUT_COUNT>;

// A whole number of the design.
fn design_count(slot: u32) -> u32 {
  return u32(design[slot]);
}

// Four values of the design, one per dimension, in their parameter's unit.
fn design_dimensions(slot: u32) -> vec4<f32> {
  return vec4<f32>(design[slot], design[slot + 1u], design[slot + 2u], design[slot + 3u]);
}

// The quotient of whole numbers below 2^24, rounded down: devices divide floats faster.
fn whole_quotient(dividend: u32, divisor: u32) -> u32 {
  let quotient = u32(f32(dividend) / f32(divisor));
  let rest = i32(dividend) - i32(quotient * divisor);
  return quotient + select(0u, 1u, rest >= i32(divisor)) - select(0u, 1u, rest < 0);
}

// The same for each dimension, up to 2^20 and by the reciprocal of the divisor: it is half a reciprocal or more from the next
// whole number, which is more than the roundings of both, 3 units in the last place.
fn whole_quotients(dividend: vec4<f32>, reciprocal: vec4<f32>) -> vec4<f32> {
  return floor((dividend + 0.5) * reciprocal);
}

// Whether one whole number below 2^24 divides another.
fn divides(divisor: u32, dividend: u32) -> bool {
  return whole_quotient(dividend, divisor) * divisor == dividend;
}
