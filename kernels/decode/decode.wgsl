// From the index of a thread to its design: twin of decode.ts. Digits, sizes and places are plain counts; the values
// of a design have the units of their parameters.

const GENE_STRIDE: u32 = 5u;
const DECODE_ORDINALS: u32 = 0u;
const DECODE_SAMPLES: u32 = 1u;

var<private> design: array<f32, SLOT_COUNT>;

// Writes the tuple of one gene into the design.
fn set_gene(gene: u32, digit: u32) {
  let head = gene * GENE_STRIDE;
  let slot_count = genes[head + 1u];
  let slots = genes[head + 2u];
  let row = genes[head + 3u] + digit * slot_count;
  for (var i = 0u; i < slot_count; i++) {
    design[genes[slots + i]] = gene_values[row + i];
  }
}

// The ordinal that lies `index` behind the start, added in mixed radix with carry; the last gene is the fastest.
fn decode_ordinal(index: u32) {
  var carry = index;
  for (var left = request.gene_count; left > 0u; left--) {
    let gene = left - 1u;
    let size = genes[gene * GENE_STRIDE];
    let sum = digits[gene] + carry;
    carry = sum / size;
    set_gene(gene, sum - carry * size);
  }
}

// Turns the design `index` - 1 of a run of ordinals into the design `index`, by the few genes in which they differ; returns what
// has changed, as bits of CHANGED_*.
fn decode_next(index: u32) -> u32 {
  var carry = index;
  var changed = 0u;
  for (var left = request.gene_count; left > 0u; left--) {
    let gene = left - 1u;
    let size = genes[gene * GENE_STRIDE];
    let sum = digits[gene] + carry;
    carry = sum / size;
    let digit = sum - carry * size;
    set_gene(gene, digit);
    changed |= genes[gene * GENE_STRIDE + 4u];
    // A digit that has not returned to 0 carries nothing over.
    if (digit != 0u) {
      break;
    }
  }
  return changed;
}

// The random design that lies `index` behind the first sample.
fn decode_sample(index: u32) {
  let low = request.start_low + index;
  let high = request.start_high + select(0u, 1u, low < index);
  var words = vec2<u32>(0u, 0u);
  for (var gene = 0u; gene < request.gene_count; gene++) {
    let even = gene % 2u == 0u;
    if (even) {
      words = threefry2x32(vec2<u32>(request.seed, gene / 2u), vec2<u32>(low, high));
    }
    set_gene(gene, select(words.y, words.x, even) % genes[gene * GENE_STRIDE]);
  }
}

// The design whose digits are row `index` of the digits.
fn decode_row(index: u32) {
  for (var gene = 0u; gene < request.gene_count; gene++) {
    set_gene(gene, digits[index * request.gene_count + gene]);
  }
}

// Writes design `index` of the request into `design`.
fn decode(index: u32) {
  for (var slot = 0u; slot < SLOT_COUNT; slot++) {
    design[slot] = gene_values[slot];
  }
  switch request.mode {
    case DECODE_ORDINALS: { decode_ordinal(index); }
    case DECODE_SAMPLES: { decode_sample(index); }
    default: { decode_row(index); }
  }
}
