// What the simulator keeps of one design: see kernels/state.ts, whose names these are. Times in us, sizes in MB. It holds the
// plan of one graph, so designs of workloads with more share nothing.

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
var<private> npus: vec4<u32>;
var<private> topology: vec4<u32>;
var<private> link_us_per_mb: vec4<f32>;
var<private> hop_us: vec4<f32>;
var<private> dimension_gbps: vec4<f32>;
var<private> dimension_usd: vec4<f32>;
// NPUs of a group in a dimension, and the width of NPU numbers that they span there; GROUP_COUNT rows of MAX_DIMENSIONS
var<private> group_factor: array<u32, GROUP_COUNT * MAX_DIMENSIONS>;
var<private> group_span: array<u32, GROUP_COUNT * MAX_DIMENSIONS>;
var<private> group_size: array<u32, GROUP_COUNT>;
var<private> group_dimensions: array<u32, GROUP_COUNT>;
var<private> dimension_groups: array<u32, MAX_DIMENSIONS>;

// channels: a collective takes us + us_per_mb · MB, and these times the sum and the longest of its stations
var<private> channel_us: array<f32, CHANNEL_COUNT>;
var<private> channel_us_per_mb: array<f32, CHANNEL_COUNT>;
var<private> channel_sum: array<f32, CHANNEL_COUNT>;
var<private> channel_longest: array<f32, CHANNEL_COUNT>;
// stations, one per dimension: busy for us + us_per_mb · MB
var<private> station_us: array<vec4<f32>, CHANNEL_COUNT>;
var<private> station_us_per_mb: array<vec4<f32>, CHANNEL_COUNT>;
var<private> station_links: array<vec4<f32>, CHANNEL_COUNT>;
var<private> station_reduction_us_per_mb: array<vec4<f32>, CHANNEL_COUNT>;
// of the last phase
var<private> phase_alpha_us: f32;
var<private> phase_links: f32;
var<private> phase_reduced: f32;

// plan: of the current graph
var<private> graph: u32;
var<private> flags: u32;
var<private> micro_batch: u32;
var<private> micro_batches: u32;
var<private> scales: array<f32, SCALE_COUNT>;
var<private> us_per_mflop: array<f32, KIND_COUNT>;
var<private> us_per_mb: f32;
var<private> call_channel: array<u32, CALL_COUNT>;
var<private> call_mb: array<f32, CALL_COUNT>;
var<private> active_call: array<u32, CALL_COUNT>;
var<private> active_calls: u32;
var<private> used_channels: u32;
// a call (its number from 1), or compute with its join from bit 8 on and its time, or both
var<private> segment_word: array<u32, MAX_SEGMENTS>;
var<private> segment_us: array<f32, MAX_SEGMENTS>;
var<private> segments: u32;
var<private> section_first: array<u32, SECTION_COUNT>;
var<private> section_end: array<u32, SECTION_COUNT>;
var<private> section_groups: array<u32, SECTION_COUNT>;
var<private> section_terms: array<u32, SECTION_COUNT>;
var<private> term_channel: array<u32, SECTION_COUNT * BLOCK_TERMS>;
var<private> term_count: array<f32, SECTION_COUNT * BLOCK_TERMS>;
var<private> term_mb: array<f32, SECTION_COUNT * BLOCK_TERMS>;
var<private> section_compute_us: array<f32, SECTION_COUNT>;
var<private> section_launch_us: array<f32, SECTION_COUNT>;
var<private> section_saved_mb: array<f32, SECTION_COUNT>;
var<private> section_core_mb: array<f32, SECTION_COUNT>;
var<private> section_largest_mb: array<f32, SECTION_COUNT>;

// schedule: of the current graph
var<private> call_us: array<f32, CALL_COUNT>;
// SECTION_COUNT rows of tp, sp, ep
var<private> section_queue_us: array<f32, SECTION_COUNT * CHAIN_GROUPS>;
var<private> section_us: array<f32, SECTION_COUNT>;
var<private> section_loaded_us: array<f32, SECTION_COUNT>;
var<private> section_host_us: array<f32, SECTION_COUNT>;
var<private> section_exposed_us: array<f32, SECTION_COUNT * CHAIN_GROUPS>;
var<private> forward_block_us: vec4<f32>;
var<private> backward_block_us: vec4<f32>;
var<private> gather_us: f32;
var<private> gather_busy_us: vec4<f32>;
var<private> first_gather_us: f32;
var<private> gradient_us: f32;
var<private> gradient_busy_us: vec4<f32>;
var<private> forward_period_us: f32;
var<private> backward_period_us: f32;
var<private> last_backward_period_us: f32;
var<private> stale_stages: bool;
var<private> places: u32;
var<private> place_stage: array<u32, PLACE_COUNT>;
var<private> place_stages: array<f32, PLACE_COUNT>;
var<private> place_layers: array<f32, PLACE_COUNT>;
var<private> place_forward_us: array<f32, PLACE_COUNT>;
var<private> place_backward_us: array<f32, PLACE_COUNT>;
var<private> place_last_us: array<f32, PLACE_COUNT>;
var<private> slowest_place: u32;
var<private> all_stages_us: f32;
var<private> last_pass_delay_us: f32;
var<private> pipeline_us: f32;
var<private> sends_us: f32;
var<private> replicas_us: f32;
var<private> optimizer_us: f32;
var<private> step_us: f32;

// the current graph's row of outputs, and one for the memory of another stage
var<private> parts: array<f32, OUTPUT_COUNT>;
var<private> other: array<f32, OUTPUT_COUNT>;

// A whole number of the design.
fn design_count(slot: u32) -> u32 {
  return u32(design[slot]);
}
