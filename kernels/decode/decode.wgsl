// From the index of a thread to its design: twin of decode.ts. Digits, sizes and places are plain counts; the values of a
// design have the units of their parameters. What the genes are is written out for each space: see geneProgram.ts.

// DECODE_*: what an index means; pipelines are made of the text that is left where that is known: see leaveOut.ts
override DECODING: u32 = DECODE_DIGITS;

var<private> design: array<f32, SLOT_COUNT>;
// what is not as in the design before, as bits of CHANGED_*
var<private> changed: u32;
var<private> carry: u32;

// Adds the carry to a digit of the first ordinal; what exceeds the gene's size carries over to the next, slower gene.
fn next_digit(gene: u32, size: u32) -> u32 {
  let sum = digits[gene] + carry;
  carry = sum / size;
  return sum - carry * size;
}

// The 64-bit number (low, high) of the sample that lies `index` behind the first.
fn sample_number(index: u32) -> vec2<u32> {
  let low = request.start_low + index;
  return vec2<u32>(low, request.start_high + select(0u, 1u, low < index));
}

// Writes design `index` of the request into `design`; where `next`, by the few genes in which it differs from design
// `index` - 1, which is there. Sets `changed`.
fn decode(index: u32, next: bool) {
  changed = CHANGED_ALL;
  if (DECODING == DECODE_ORDINALS) {
    changed = decode_ordinal(index, !next);
  } else if (DECODING == DECODE_SAMPLES) {
    decode_sample(sample_number(index));
  } else {
    decode_digits(index * GENE_COUNT);
  }
}
