// The double binary trees of ASTRA-sim: twin of tree.ts. Tree 0 is rooted at the last NPU, tree 1 is its mirror image.

const NO_PARENT = 0xffffffffu;

fn mirrored(tree: u32, npus: u32, place: u32) -> u32 {
  return select(place, npus - 1u - place, tree == 1u);
}

fn tree_parent(tree: u32, npus: u32, place: u32) -> u32 {
  let own = mirrored(tree, npus, place);
  if (own == npus - 1u) { return NO_PARENT; }
  // In-order numbers from 1: an odd multiple of its subtree's half width, next to its parent's even multiple.
  let number = own + 1u;
  if (number == npus / 2u) { return mirrored(tree, npus, npus - 1u); }
  let width = 1u << countTrailingZeros(number);
  let multiple = number / width;
  let parent = width * select(multiple - 1u, multiple + 1u, multiple % 4u == 1u);
  return mirrored(tree, npus, parent - 1u);
}

fn tree_children(tree: u32, npus: u32, place: u32) -> u32 {
  let own = mirrored(tree, npus, place);
  if (own == npus - 1u) { return 1u; }
  return select(2u, 0u, own % 2u == 0u);
}

fn tree_child(tree: u32, npus: u32, place: u32, child: u32) -> u32 {
  let own = mirrored(tree, npus, place);
  if (own == npus - 1u) { return mirrored(tree, npus, npus / 2u - 1u); }
  let half = (1u << countTrailingZeros(own + 1u)) / 2u;
  return mirrored(tree, npus, select(own + half, own - half, child == 0u));
}
