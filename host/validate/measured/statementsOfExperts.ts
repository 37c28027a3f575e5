/** What notes state of how tokens travel to experts, and how evenly. */
import { always, NODE, type Phrase } from './phrase.js';
import type { TrainingRow } from './row.js';

const BESIDE = 'workload.expertOverlap=on';
const BY_NODE = 'workload.expertDispatch=byNode';

/** Of E/ep experts that share a rank as they come, the mean of their tokens varies so much less than `squared`, that of each. */
const unevenRanks = (squared: number, { ep = 1, experts = 1 }: TrainingRow) =>
  ep > 1 ? [`workload.expertLoadSpread=${Math.sqrt((squared * ep) / experts)}`] : [];

export const EXPERTS: readonly Phrase[] = [
  {
    pattern: /expert capacity padded to ([\d.]+\d)|capacity factor ([\d.]+\d)/,
    says: 'capacity of experts as the notes say',
    set: ([, padded, factor]) => [`workload.expertCapacity=${padded ?? factor}`],
  },
  {
    pattern: /; token drop;/,
    says: 'experts that take as many tokens as in the mean',
    set: always('workload.expertCapacity=1'),
  },
  {
    pattern: /deepep|hybridep/i,
    says: 'tokens that travel once to a node',
    set: (_, { ep = 1 }) => (ep > 1 ? [BY_NODE] : []),
  },
  {
    pattern: /routed to at most (\d+) nodes/,
    says: 'tokens that travel to few nodes, once to each',
    set: ([, most], { ep = 1 }) =>
      ep % NODE === 0 ? [BY_NODE, `model.expertGroups=${ep / NODE}`, `model.groupsPerToken=${most}`] : [],
  },
  {
    // NeMo AutoModel's FakeBalancedGate: token t goes to the experts k·t to k·t + k − 1, round and round.
    pattern: /fake balanced (?:routing|gate)/,
    says: 'tokens that go to neighbouring experts',
    set: (_, { experts = 1 }) => (experts > 1 ? ['model.neighbouringExperts=true'] : []),
  },
  {
    pattern: /force-balanced|balanced routing/,
    says: 'experts that are forced into balance',
    set: always('workload.expertLoad=1'),
  },
  {
    // E·Σ f·P (arXiv 2101.03961, eq. 4; Megatron-Core's switch_load_balancing_loss_func): 1 and the square of how much the tokens of experts vary,
    // where they go as the router's mean probabilities P say.
    pattern: /load-balancing loss of ([\d.]+\d)/,
    says: 'ranks of experts as uneven as the load-balancing loss of the notes',
    set: ([, loss], row) => unevenRanks(Number(loss) - 1, row),
  },
  {
    // All tokens of a kind go to the same k of E experts, whose tokens vary by the square root of E/k − 1; of two kinds, halves that choose
    // apart, the square is half of that.
    pattern: /tokens of two kinds/,
    says: 'ranks of experts as uneven as tokens of two kinds make them',
    set: (_, row) => unevenRanks(((row.experts ?? 1) / (row.top_k ?? 1) - 1) / 2, row),
  },
  {
    pattern: /EP all-to-all overlap|EP overlap on|DualPipe/,
    says: 'expert exchanges beside another micro-batch',
    set: (_, { ep = 1 }) => (ep > 1 ? [BESIDE] : []),
  },
];
