// Children of designs that live on the device: twin of breeding.ts. Digits, slots and places are plain counts. A design is a
// row of packed digits: see rows.ts; what rows of a space are is written out by rowProgram.ts.

var<private> child: u32;
// words that were drawn, and the last two of them
var<private> drawn: u32;
var<private> words: vec2<u32>;
// the child's
var<private> row: array<u32, ROW_WORDS>;

// The two words of which the first is word 2 · `pair` of the child.
fn word_pair(pair: u32) -> vec2<u32> {
  return threefry2x32(vec2<u32>(evolution.seed, BREEDING_STREAM + pair), vec2<u32>(child, generation.number));
}

// 32 random bits of the child.
fn next_word() -> u32 {
  let place = drawn;
  drawn++;
  if (place % 2u == 0u) {
    words = word_pair(place / 2u);
    return words.x;
  }
  return words.y;
}

// Goes on with word `place`.
fn skip_to(place: u32) {
  drawn = place;
  words = word_pair(place / 2u);
}

// True for a share (of 2^32) of children.
fn chance(share: u32) -> bool {
  return next_word() < share;
}

// All bits where bit `at` is set.
fn all_if(bits: u32, at: u32) -> u32 {
  return bitcast<u32>(bitcast<i32>(bits << (31u - at)) >> 31u);
}

// Quotient and remainder by a number that all threads share; most often a power of two, and no division.
fn divide(word: u32, by: u32) -> vec2<u32> {
  if ((by & (by - 1u)) == 0u) {
    return vec2<u32>(word >> countTrailingZeros(by), word & (by - 1u));
  }
  return vec2<u32>(word / by, word % by);
}

// The slot of the best of some designs of an island, drawn at random.
fn select_parent(island: u32) -> u32 {
  let first = island * evolution.population;
  var best = first + divide(next_word(), evolution.population).y;
  var least = parent_fitness(best);
  for (var round = 1u; round < evolution.tournament; round++) {
    let rival = first + divide(next_word(), evolution.population).y;
    let rival_fitness = parent_fitness(rival);
    best = select(best, rival, rival_fitness < least);
    least = min(least, rival_fitness);
  }
  return best;
}

// The digit of a gene with several values.
fn digit_of(gene: u32) -> u32 {
  let place = GENE_PLACES[gene];
  var word = row[0u];
  for (var i = 1u; i < ROW_WORDS; i++) {
    word = select(word, row[i], i == place / 32u);
  }
  return (word >> (place % 32u)) & (0xffffffffu >> countLeadingZeros(GENE_SIZES[gene] - 1u));
}

// Replaces the digit of a gene.
fn replace_digit(gene: u32, digit: u32, successor: u32) {
  let place = GENE_PLACES[gene];
  for (var word = 0u; word < ROW_WORDS; word++) {
    row[word] ^= select(0u, (digit ^ successor) << (place % 32u), word == place / 32u);
  }
}

// Each gene at random: the first generation.
fn randomise() {
  for (var gene = 0u; gene < GENE_COUNT; gene++) {
    replace_digit(gene, 0u, next_word() % GENE_SIZES[gene]);
  }
}

// Each gene from either of two parents; a word of random bits decides for 32 genes. So that threads keep step, the words that
// choose a second parent are drawn also where there is none, and then drawn again for what follows.
fn recombine() {
  let island = divide(child, evolution.population).x;
  let next = select(island + 1u, 0u, island + 1u == evolution.islands);
  let first = select_parent(island);
  let crossed = chance(evolution.crossover);
  let single = drawn + MASK_WORDS;
  let away = chance(evolution.migration);
  let second = select_parent(select(island, next, away));
  let mask = draw_mask();
  for (var word = 0u; word < ROW_WORDS; word++) {
    let own = parent_word(first, word);
    row[word] = own ^ ((own ^ parent_word(second, word)) & select(0u, mask[word], crossed));
  }
  if (!crossed) {
    skip_to(single);
  }
}

// Another value of a gene with several: any, or where there is an order one that lies a step of any length away.
fn step_digit(nearness: u32, size: u32, digit: u32) -> u32 {
  let word = next_word();
  if (nearness == NEARNESS_NONE || (nearness == NEARNESS_LISTING && (word & 1u) == 0u)) {
    let sum = digit + 1u + (word >> 1u) % (size - 1u);
    return min(sum, sum - size);
  }
  let octave = ((word >> 2u) & 255u) % (32u - countLeadingZeros(size - 1u));
  let length = min((1u << octave) + ((word >> 10u) & ((1u << octave) - 1u)), size - 1u);
  let down = digit - min(digit, length);
  let up = min(digit + length, size - 1u);
  if ((word & 2u) != 0u) {
    return select(down, up, digit + length < size);
  }
  return select(up, down, digit >= length);
}

// Steps one gene, perhaps more.
fn mutate() {
  if (OPEN_COUNT == 0u) {
    return;
  }
  for (var count = 0u; count < MAX_MUTATIONS; count++) {
    let place = next_word() % max(OPEN_COUNT, 1u);
    let open = evolution.open_genes[place / 4u][place % 4u];
    let gene = open & 0xffffu;
    let digit = digit_of(gene);
    replace_digit(gene, digit, step_digit(open >> 16u, GENE_SIZES[gene], digit));
    if (!chance(evolution.mutation)) {
      return;
    }
  }
}

// Makes the child for a slot.
fn breed(slot: u32) {
  child = slot;
  drawn = 0u;
  if (generation.number == 0u) {
    randomise();
    return;
  }
  recombine();
  mutate();
}
