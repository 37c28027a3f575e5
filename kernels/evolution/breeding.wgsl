// Children of designs that live on the device: twin of breeding.ts. Digits, slots and places are plain counts.

var<private> child: u32;
var<private> drawn: u32;
var<private> words: vec2<u32>;

// 32 random bits of the child.
fn next_word() -> u32 {
  let place = drawn;
  drawn++;
  if (place % 2u == 0u) {
    words = threefry2x32(vec2<u32>(evolution.seed, BREEDING_STREAM + place / 2u), vec2<u32>(child, generation.number));
  }
  return select(words.y, words.x, place % 2u == 0u);
}

// True for a share (of 2^32) of children.
fn chance(share: u32) -> bool {
  return next_word() < share;
}

// The slot of the best of some designs of an island, drawn at random.
fn select_parent(island: u32) -> u32 {
  let first = island * evolution.population;
  var best = first + next_word() % evolution.population;
  for (var round = 1u; round < evolution.tournament; round++) {
    let rival = first + next_word() % evolution.population;
    if (parent_fitness(rival) < parent_fitness(best)) {
      best = rival;
    }
  }
  return best;
}

// Each gene at random: the first generation.
fn randomise(row: u32) {
  for (var gene = 0u; gene < GENE_COUNT; gene++) {
    population[row + gene] = next_word() % GENE_SIZES[gene];
  }
}

// Each gene from either of two parents; a word of random bits decides for 32 genes.
fn recombine(row: u32) {
  let island = (child / evolution.population) % evolution.islands;
  let first = select_parent(island);
  var second = first;
  if (chance(evolution.crossover)) {
    let away = chance(evolution.migration);
    second = select_parent(select(island, (island + 1u) % evolution.islands, away));
  }
  let first_row = parent_row(first);
  let second_row = parent_row(second);
  var word = 0u;
  for (var gene = 0u; gene < GENE_COUNT; gene++) {
    if (gene % 32u == 0u) {
      word = next_word();
    }
    let parent = select(first_row, second_row, ((word >> (gene % 32u)) & 1u) == 1u);
    population[row + gene] = population[parent + gene];
  }
}

// Another value of a gene with several: any, or where there is an order one that lies a step of any length away.
fn step_digit(nearness: u32, size: u32, digit: u32) -> u32 {
  let word = next_word();
  if (nearness == NEARNESS_NONE || (nearness == NEARNESS_LISTING && (word & 1u) == 0u)) {
    return (digit + 1u + (word >> 1u) % (size - 1u)) % size;
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
fn mutate(row: u32) {
  if (evolution.open_count == 0u) {
    return;
  }
  for (var count = 0u; count < MAX_MUTATIONS; count++) {
    let place = next_word() % evolution.open_count;
    let open = evolution.open_genes[place / 4u][place % 4u];
    let gene = open & 0xffffu;
    population[row + gene] = step_digit(open >> 16u, GENE_SIZES[gene], population[row + gene]);
    if (!chance(evolution.mutation)) {
      return;
    }
  }
}

// Writes the child for a slot into the row that begins at `row`.
fn breed(slot: u32, row: u32) {
  child = slot;
  drawn = 0u;
  if (generation.number == 0u) {
    randomise(row);
    return;
  }
  recombine(row);
  mutate(row);
}
