// What a design makes of an op graph: micro-batches, scales of the rows, divisibility. Twin of graph.ts; graph_integer and
// graph_real are written out for each workload, see graphProgram.ts.

// Sequences of a step: the design's, or the model's own.
fn global_batch() -> u32 {
  let batch = design_count(SLOT_WORKLOAD_BATCH);
  return select(graph_integer_batch(), batch, batch > 0u);
}

// Sets micro-batch (sequences per data-parallel rank) and their number.
fn split_batch() {
  let batch = global_batch();
  let dp = design_count(SLOT_WORKLOAD_DP);
  let local = max(whole_quotient(batch, dp), 1u);
  let wanted = design_count(SLOT_WORKLOAD_MICRO_BATCH);
  micro_batch = select(local, wanted, wanted > 0u);
  micro_batches = max(whole_quotient(local, micro_batch), 1u);
  if (micro_batch * micro_batches != local || local * dp != batch) {
    status |= STATUS_BATCH;
  }
}

// Ranks of sp that exchange heads; 1 where keys and values are gathered, and in decode.
fn head_ranks() -> f32 {
  return select(1.0, context_inner(), HAS_HEAD_EXCHANGE && (flags & FLAG_EXCHANGE_HEADS) != 0u);
}

// Ranks of two levels are whole groups, and an exchange of heads leaves each rank whole ones.
fn check_context() {
  if (HAS_HEAD_EXCHANGE && HAS_CONTEXT_RING) {
    let two_level = design_count(SLOT_WORKLOAD_CONTEXT_EXCHANGE) == WORKLOAD_CONTEXT_EXCHANGE_TWO_LEVEL;
    if (two_level && !divides(design_count(SLOT_WORKLOAD_CONTEXT_INNER), design_count(SLOT_WORKLOAD_SP))) {
      status |= STATUS_SEQUENCE;
    }
  }
  let heads = graph_integer_heads();
  let tp = design_count(SLOT_WORKLOAD_TP);
  if (!divides(tp, heads) || !divides(u32(head_ranks()), whole_quotient(heads, tp))) {
    status |= STATUS_HEADS;
  }
  if (!states_fit()) {
    status |= STATUS_HEADS;
  }
}

// Whether ranks have whole heads of state-space layers, and those of tp whole groups of them. Without such layers there are 0.
fn states_fit() -> bool {
  let heads = graph_integer_state_heads();
  if (heads == 0u) {
    return true;
  }
  let tp = design_count(SLOT_WORKLOAD_TP);
  return divides(tp, graph_integer_state_groups()) && divides(design_count(SLOT_WORKLOAD_SP), whole_quotient(heads, tp));
}

// Whether experts have whole replicas: on the data-parallel ranks or, apart, on those of a stage.
fn experts_fit() -> bool {
  let ep = design_count(SLOT_WORKLOAD_EP);
  if (!experts_apart()) {
    return divides(ep, design_count(SLOT_WORKLOAD_DP));
  }
  let etp = design_count(SLOT_WORKLOAD_ETP);
  if (graph_integer_phase() == PHASE_DECODE && design_count(SLOT_WORKLOAD_SP) > 1u) {
    return false;
  }
  return divides(etp, stage_npus()) && divides(ep, whole_quotient(stage_npus(), etp));
}

fn check_degrees() {
  let ep = design_count(SLOT_WORKLOAD_EP);
  check_context();
  let chunks = design_count(SLOT_WORKLOAD_PP) * design_count(SLOT_WORKLOAD_VIRTUAL_STAGES);
  let counted = design[SLOT_WORKLOAD_EMBEDDING_LAYERS] + design[SLOT_WORKLOAD_HEAD_LAYERS];
  let shared_out = f32(graph_integer_layers()) + select(0.0, counted, HAS_BALANCED_EDGES);
  if (f32(chunks) > shared_out) {
    status |= STATUS_LAYERS;
  }
  if (!divides(ep, graph_integer_experts()) || !experts_fit()) {
    status |= STATUS_EXPERTS;
  }
  let decode = graph_integer_phase() == PHASE_DECODE;
  if (!decode && !divides(design_count(SLOT_WORKLOAD_SP), graph_integer_seq())) {
    status |= STATUS_SEQUENCE;
  }
}

// The modules of a layer that are recomputed by themselves, and the core of attention.
fn read_modules(core: bool) {
  if (core) {
    flags |= FLAG_RECOMPUTE_CORE;
  }
  if (HAS_RECOMPUTED_NORMS && design_count(SLOT_WORKLOAD_RECOMPUTE_NORMS) == WORKLOAD_RECOMPUTE_NORMS_ON) {
    flags |= FLAG_RECOMPUTE_NORMS;
  }
  if (HAS_RECOMPUTED_UP_PROJECTIONS && design_count(SLOT_WORKLOAD_RECOMPUTE_UP_PROJECTIONS) == WORKLOAD_RECOMPUTE_UP_PROJECTIONS_ON) {
    flags |= FLAG_RECOMPUTE_UP_PROJECTIONS;
  }
  if (HAS_RECOMPUTED_MLP && design_count(SLOT_WORKLOAD_RECOMPUTE_MLP) == WORKLOAD_RECOMPUTE_MLP_ON) {
    flags |= FLAG_RECOMPUTE_MLP;
  }
  if (HAS_RECOMPUTED_EXPERTS && design_count(SLOT_WORKLOAD_RECOMPUTE_EXPERTS) == WORKLOAD_RECOMPUTE_EXPERTS_ON) {
    flags |= FLAG_RECOMPUTE_EXPERTS;
  }
  if (HAS_RECOMPUTED_EXPERT_PRODUCTS && design_count(SLOT_WORKLOAD_RECOMPUTE_EXPERT_PRODUCTS) == WORKLOAD_RECOMPUTE_EXPERT_PRODUCTS_ON) {
    flags |= FLAG_RECOMPUTE_EXPERT_PRODUCTS;
  }
  if (HAS_RECOMPUTED_EXPERT_ACTIVATION && design_count(SLOT_WORKLOAD_RECOMPUTE_EXPERT_ACTIVATION) == WORKLOAD_RECOMPUTE_EXPERT_ACTIVATION_ON) {
    flags |= FLAG_RECOMPUTE_EXPERT_ACTIVATION;
  }
  if (HAS_RECOMPUTED_SHARED_EXPERTS && design_count(SLOT_WORKLOAD_RECOMPUTE_SHARED_EXPERTS) == WORKLOAD_RECOMPUTE_SHARED_EXPERTS_ON) {
    flags |= FLAG_RECOMPUTE_SHARED_EXPERTS;
  }
  if (HAS_RECOMPUTED_OPERATIONS && design_count(SLOT_WORKLOAD_RECOMPUTE_OPERATIONS) == WORKLOAD_RECOMPUTE_OPERATIONS_ON) {
    flags |= FLAG_RECOMPUTE_OPERATIONS;
  }
}

// The tensors of a layer that is recomputed whole that are kept all the same.
fn read_tensors() {
  if (HAS_KEPT_QKV && design_count(SLOT_WORKLOAD_KEEP_QKV) != WORKLOAD_KEEP_QKV_OFF) {
    flags |= FLAG_KEEP_QKV;
  }
  if (HAS_KEPT_ATTENTION_OUTPUT && design_count(SLOT_WORKLOAD_KEEP_ATTENTION_OUTPUT) != WORKLOAD_KEEP_ATTENTION_OUTPUT_OFF) {
    flags |= FLAG_KEEP_ATTENTION_OUTPUT;
  }
  if (HAS_KEPT_PROJECTION && design_count(SLOT_WORKLOAD_KEEP_PROJECTION) != WORKLOAD_KEEP_PROJECTION_OFF) {
    flags |= FLAG_KEEP_PROJECTION;
  }
  if (HAS_KEPT_MLP_PRODUCTS && design_count(SLOT_WORKLOAD_KEEP_MLP_PRODUCTS) != WORKLOAD_KEEP_MLP_PRODUCTS_OFF) {
    flags |= FLAG_KEEP_MLP_PRODUCTS;
  }
}

// Whether there may be any in the space.
fn keeps_tensors() -> bool {
  return HAS_KEPT_QKV || HAS_KEPT_ATTENTION_OUTPUT || HAS_KEPT_PROJECTION || HAS_KEPT_MLP_PRODUCTS;
}

// Do tensor-parallel ranks join pieces of several sequences, which lie apart?
fn joins_sequences() -> bool {
  let apart = design_count(SLOT_WORKLOAD_TENSOR_LAYOUT) == WORKLOAD_TENSOR_LAYOUT_BATCH_OUTERMOST;
  return apart && design_count(SLOT_WORKLOAD_TP) > 1u && micro_batch > 1u;
}

fn read_flags() {
  let decode = graph_integer_phase() == PHASE_DECODE;
  let fused = design_count(SLOT_WORKLOAD_ATTENTION) == WORKLOAD_ATTENTION_FUSED;
  let recomputation = design_count(SLOT_WORKLOAD_RECOMPUTATION);
  flags = 0u;
  if (design_count(SLOT_WORKLOAD_SEQUENCE_PARALLEL) == WORKLOAD_SEQUENCE_PARALLEL_ON && !decode) {
    flags |= FLAG_SEQUENCE_PARALLEL;
  }
  if (fused) {
    flags |= FLAG_FUSED_ATTENTION;
  }
  let whole_layers = recomputation == WORKLOAD_RECOMPUTATION_FULL;
  if (HAS_EARLY_END && design_count(SLOT_WORKLOAD_RECOMPUTATION_END) == WORKLOAD_RECOMPUTATION_END_NEEDED
      && (!whole_layers || design_count(SLOT_WORKLOAD_RECOMPUTATION_BLOCK) == 1u)) {
    flags |= FLAG_EARLY_END;
  }
  if (whole_layers) {
    flags |= FLAG_RECOMPUTE_ALL;
    read_tensors();
  } else {
    let core = !fused || (HAS_RECOMPUTED_FUSED_CORE
      && design_count(SLOT_WORKLOAD_RECOMPUTE_FUSED_CORE) == WORKLOAD_RECOMPUTE_FUSED_CORE_ON);
    read_modules(core && recomputation == WORKLOAD_RECOMPUTATION_SELECTIVE);
  }
  if (HAS_HEAD_EXCHANGE) {
    let exchange = design_count(SLOT_WORKLOAD_CONTEXT_EXCHANGE);
    let whole = exchange == WORKLOAD_CONTEXT_EXCHANGE_ALL_TO_ALL;
    if ((whole || exchange == WORKLOAD_CONTEXT_EXCHANGE_TWO_LEVEL) && !decode) {
      flags |= FLAG_EXCHANGE_HEADS;
    }
  }
  if (context_ring() > 1.0) {
    flags |= FLAG_CONTEXT_RING;
  }
  if (experts_apart()) {
    flags |= FLAG_EXPERTS_APART;
  }
  if (design[SLOT_WORKLOAD_EP] > 1.0) {
    flags |= FLAG_EXPERTS_SPREAD;
  }
  if (dispatches_by_node()) {
    flags |= FLAG_EXPERTS_BY_NODE;
  } else if (HAS_DISPATCH_MASKS && dispatches_by_masks()) {
    flags |= FLAG_DISPATCH_MASKS;
  }
  if (HAS_EXPERT_BIAS_APART && design_count(SLOT_WORKLOAD_EXPERT_BIAS_KERNEL) == WORKLOAD_EXPERT_BIAS_KERNEL_UNFUSED) {
    flags |= FLAG_EXPERT_BIAS_APART;
  }
  if (HAS_GRADIENTS_ADDED && adds_gradients()) {
    flags |= FLAG_GRADIENTS_ADDED;
  }
  if (HAS_WEIGHT_COPIES && copies_weights()) {
    flags |= select(FLAG_WEIGHTS_COPIED | FLAG_WEIGHTS_STAY, FLAG_WEIGHTS_COPIED, gathers_backward());
  }
  if (HAS_GRADIENT_COPIES && copies_gradients()) {
    flags |= FLAG_GRADIENTS_COPIED;
  }
  if (HAS_TENSOR_COPIES && joins_sequences()) {
    flags |= FLAG_SEQUENCES_JOINED;
  }
  if (HAS_ROTARY_COPIES && design_count(SLOT_WORKLOAD_ROTARY_KERNEL) == WORKLOAD_ROTARY_KERNEL_OPERATIONS) {
    flags |= FLAG_ROTARY_APART;
  }
  if (HAS_ROTARY_COPIES && design_count(SLOT_WORKLOAD_ROTARY_KERNEL) != WORKLOAD_ROTARY_KERNEL_FUSED) {
    flags |= FLAG_ROTARY_COPIED;
  }
}

// How much more causal attention the last rank has than the mean.
fn context_imbalance() -> f32 {
  if (!HAS_UNBALANCED_CONTEXT) {
    return 1.0;
  }
  let even = design_count(SLOT_WORKLOAD_CONTEXT_BALANCE) == WORKLOAD_CONTEXT_BALANCE_ON || graph_integer_causal() == 0u;
  let ranks = select(design[SLOT_WORKLOAD_SP], context_ring(), (flags & FLAG_EXCHANGE_HEADS) != 0u);
  return select(2.0 - 1.0 / ranks, 1.0, even);
}

// Tokens of the fullest of the ranks of experts that routing draws, over those of the fullest that it aims at.
fn drawn_load() -> f32 {
  if (!HAS_EXPERT_LOAD_SPREAD) {
    return 1.0;
  }
  return 1.0 + design[SLOT_WORKLOAD_EXPERT_LOAD_SPREAD] * largest_of(design[SLOT_WORKLOAD_EP]);
}

// Tokens of the fullest rank of experts over the mean; with a capacity buffers have one size.
fn fullest_experts() -> f32 {
  let capacity = design[SLOT_WORKLOAD_EXPERT_CAPACITY];
  return select(design[SLOT_WORKLOAD_EXPERT_LOAD] * drawn_load(), capacity, capacity > 0.0);
}

// Places for tokens at a rank of experts over those that come in the mean.
fn expert_places() -> f32 {
  let as_needed = design[SLOT_WORKLOAD_EXPERT_ROOM] == 0.0 || design[SLOT_WORKLOAD_EXPERT_CAPACITY] > 0.0;
  return select(min(design[SLOT_WORKLOAD_EP], graph_real_most_routed()), 1.0, as_needed);
}

// Do experts have places that tokens get to by products with masks?
fn dispatches_by_masks() -> bool {
  let masked = design_count(SLOT_WORKLOAD_CAPACITY_DISPATCH) == WORKLOAD_CAPACITY_DISPATCH_MASKS;
  return masked && design[SLOT_WORKLOAD_EXPERT_CAPACITY] > 0.0 && graph_integer_phase() == PHASE_TRAINING;
}

// Of a token's copies for its experts, how many a rank of experts receives: by node one for all of its experts.
fn received_share() -> f32 {
  return select(1.0, routed_share(vec4<f32>(design[SLOT_WORKLOAD_EP])).x, dispatches_by_node());
}

// Bytes of what tensor-parallel ranks gather, relative to half precision.
fn gathered_share() -> f32 {
  if (!HAS_OPERAND_GATHERS || design_count(SLOT_WORKLOAD_TENSOR_GATHER) != WORKLOAD_TENSOR_GATHER_OPERANDS) {
    return 1.0;
  }
  return 0.5 * operand_bytes(design_count(SLOT_WORKLOAD_PRECISION));
}

// Time of the traffic of the loss and of long copies, relative to that of other kernels.
fn long_traffic() -> f32 {
  let efficiency = design[SLOT_COMPUTE_LOSS_EFFICIENCY];
  if (!HAS_LOSS_EFFICIENCY || efficiency == 0.0) {
    return 1.0;
  }
  return elementwise_efficiency() / efficiency;
}

// What the loss moves relative to a loss in single precision.
fn loss_traffic() -> f32 {
  return select(1.0, HALF_LOSS_TRAFFIC, HAS_LOSS && design_count(SLOT_WORKLOAD_LOSS) == WORKLOAD_LOSS_HALF);
}

// How often a micro-batch does what each of them does, or one of a step for all.
fn often_of(each: bool) -> f32 {
  return select(1.0 / f32(micro_batches), 1.0, each);
}

// Time of the traffic of kernels for one operation each, relative to that of other kernels.
fn single_traffic() -> f32 {
  return elementwise_efficiency() / UNFUSED_EFFICIENCY;
}

// Time of the traffic of rotations that are not in place, relative to that of other kernels; 0 where they are.
fn rotated_traffic() -> f32 {
  return select(0.0, single_traffic(), (flags & FLAG_ROTARY_COPIED) != 0u);
}

// Time of the traffic of kernels that may be unfused, relative to that of fused ones.
fn unfused_traffic(unfused: f32, traffic: f32) -> f32 {
  if (!HAS_UNFUSED_KERNELS || unfused == 0.0) {
    return 1.0;
  }
  return max(traffic * single_traffic(), 1.0);
}

// Reads the design for the current graph: micro-batches, flags and the scales of all terms.
fn read_graph() {
  split_batch();
  read_flags();
  check_degrees();
  if (HAS_PRECISION) {
    check_precision();
  }
  let b = f32(micro_batch);
  let tp = design[SLOT_WORKLOAD_TP];
  let sp = design[SLOT_WORKLOAD_SP];
  let sp_tokens = select(sp, 1.0, graph_integer_phase() == PHASE_DECODE);
  let tp_tokens = select(1.0, tp, (flags & FLAG_SEQUENCE_PARALLEL) != 0u);
  let tp_kv = min(tp, f32(graph_integer_kv_heads()));
  scales[SCALE_ONE] = 1.0;
  scales[SCALE_TOKENS] = b / sp_tokens;
  scales[SCALE_TOKENS_GATHERED] = scales[SCALE_TOKENS] * gathered_share();
  scales[SCALE_TOKENS_TP] = b / (sp_tokens * tp);
  if (HAS_TENSOR_COPIES) {
    let copy_traffic = design[SLOT_COMPUTE_ELEMENTWISE_SHARE];
    scales[SCALE_TOKENS_COPIED] = scales[SCALE_TOKENS] * copy_traffic;
    // Pieces that travel beside products are multiplied as they come.
    let apart = !HAS_TENSOR_OVERLAP || design_count(SLOT_WORKLOAD_TENSOR_OVERLAP) == 0u;
    scales[SCALE_GATHERED_COPIED] = select(0.0, scales[SCALE_TOKENS_GATHERED] * copy_traffic, apart);
  }
  scales[SCALE_TOKENS_LOSS] = scales[SCALE_TOKENS_TP] * long_traffic() * loss_traffic();
  scales[SCALE_TOKENS_SEQ] = b / (sp_tokens * tp_tokens);
  scales[SCALE_TOKENS_NORM] = scales[SCALE_TOKENS_SEQ] * unfused_traffic(design[SLOT_WORKLOAD_NORM_KERNEL], NORM_TRAFFIC);
  scales[SCALE_TOKENS_SOFTMAX] = scales[SCALE_TOKENS_TP] * unfused_traffic(design[SLOT_WORKLOAD_SOFTMAX_KERNEL], SOFTMAX_TRAFFIC);
  scales[SCALE_TOKENS_KV] = b / (sp_tokens * tp_kv);
  if (HAS_ROTARY_COPIES) {
    scales[SCALE_TOKENS_ROTATED] = scales[SCALE_TOKENS_TP] * rotated_traffic();
    scales[SCALE_TOKENS_KV_ROTATED] = scales[SCALE_TOKENS_KV] * rotated_traffic();
  }
  let exchanging = head_ranks();
  scales[SCALE_KV] = b / min(tp * exchanging, f32(graph_integer_kv_heads()));
  scales[SCALE_KV_EXCHANGED] = scales[SCALE_KV] * exchanging / sp_tokens;
  let ring = context_ring();
  scales[SCALE_TOKENS_RING] = scales[SCALE_TOKENS_TP] * context_imbalance() / ring;
  scales[SCALE_TOKENS_PASSED] = scales[SCALE_TOKENS_RING] * (ring - 1.0);
  // Rows count 2 bytes a cached value.
  let cached = b * design[SLOT_WORKLOAD_CACHE_BYTES] / 2.0;
  scales[SCALE_CACHE] = cached / (sp * min(tp, f32(graph_integer_cache_heads())));
  scales[SCALE_CONTEXT] = b / (sp * tp);
  scales[SCALE_WEIGHT] = 1.0 / tp;
  scales[SCALE_WEIGHT_KV] = 1.0 / tp_kv;
  let ep = design[SLOT_WORKLOAD_EP];
  let etp = expert_tensor_ranks();
  let load = fullest_experts();
  let apart = experts_apart();
  scales[SCALE_TOKENS_ROUTED] = load * select(scales[SCALE_TOKENS_SEQ], scales[SCALE_TOKENS_TP], apart);
  var places = 1.0;
  if (HAS_EXPERT_ROOM) {
    places = max(expert_places() / load, 1.0);
  }
  scales[SCALE_TOKENS_PLACED] = scales[SCALE_TOKENS_ROUTED] * places;
  scales[SCALE_TOKENS_RECEIVED] = scales[SCALE_TOKENS_PLACED] * received_share();
  scales[SCALE_TOKENS_EXPERT] = load * select(scales[SCALE_TOKENS], scales[SCALE_TOKENS_TP] * etp, apart);
  scales[SCALE_TOKENS_EXPERT_TP] = load * scales[SCALE_TOKENS_TP];
  scales[SCALE_PLACES_EXPERT_TP] = places * scales[SCALE_TOKENS_EXPERT_TP];
  scales[SCALE_WEIGHT_EXPERT] = 1.0 / (etp * ep);
  // The tokens of all ranks that share an expert reach it (expected number, tokens spread evenly).
  let unreached = exp(b / sp_tokens * ep * (etp / tp) * graph_real_unreached_log());
  scales[SCALE_WEIGHT_REACHED] = (1.0 - unreached) / (etp * ep);
  if (HAS_GRADIENTS_ADDED) {
    let summed = 1.0 + main_gradient_bytes();
    scales[SCALE_WEIGHT_SUMMED] = summed * scales[SCALE_WEIGHT];
    scales[SCALE_WEIGHT_KV_SUMMED] = summed * scales[SCALE_WEIGHT_KV];
    scales[SCALE_WEIGHT_EXPERT_SUMMED] = summed * scales[SCALE_WEIGHT_EXPERT];
  }
  // Weights are copied only where gradients are.
  if (HAS_GRADIENT_COPIES) {
    let copied = long_traffic() * often_of(gathers_forward());
    // Experts that one rank has for itself are not sharded any further.
    let sharded = select(0.0, scales[SCALE_WEIGHT_EXPERT], expert_shard_ranks() > 1.0);
    scales[SCALE_WEIGHT_COPIED] = copied * scales[SCALE_WEIGHT];
    scales[SCALE_WEIGHT_KV_COPIED] = copied * scales[SCALE_WEIGHT_KV];
    scales[SCALE_WEIGHT_EXPERT_COPIED] = copied * sharded;
    let left = (1.0 + gradient_bytes() / 2.0) * long_traffic() * often_of(scatters_gradients());
    scales[SCALE_GRADIENT_COPIED] = left * scales[SCALE_WEIGHT];
    scales[SCALE_GRADIENT_KV_COPIED] = left * scales[SCALE_WEIGHT_KV];
    scales[SCALE_GRADIENT_EXPERT_COPIED] = left * sharded;
  }
}
