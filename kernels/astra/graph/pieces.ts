/** The pieces that the graph of a step is put together from: its layer, its edges, the updates. */
import {
  type Block,
  blockOf,
  embeddingRows,
  type Flags,
  firstLayerRows,
  headRows,
  lastLayerRows,
  layerRows,
  type Row,
  sendRow,
  sumRows,
  updateRows,
} from './rows.js';

/** All of them, and their rows one after another. */
export class Pieces {
  readonly rows: Row[] = [];
  /** The rows that compute. */
  readonly computations: readonly number[];
  private readonly firstRow = new Map<Block, number>();
  readonly layer: Block;
  readonly first: Block;
  readonly last: Block;
  readonly embedding: Block;
  readonly head: Block;
  /** Of a layer, and of an edge. */
  readonly sums: readonly [Block, Block];
  readonly updates: readonly [Block, Block];
  /** Activations and their gradients between neighbouring stages, and between the last one and the head's. */
  readonly sends: Readonly<Record<'forward' | 'backward' | 'toHead' | 'fromHead', Block>>;

  constructor(flags: Flags) {
    this.layer = this.register(layerRows(flags));
    this.first = this.register(firstLayerRows(flags));
    this.last = this.register(lastLayerRows(flags));
    this.embedding = this.register(embeddingRows());
    this.head = this.register(headRows(flags));
    this.sums = [this.register(sumRows(false)), this.register(sumRows(true))];
    this.updates = [this.register(updateRows(flags, false)), this.register(updateRows(flags, true))];
    this.sends = {
      forward: this.register([sendRow('send', 'norm')]),
      backward: this.register([sendRow('send gradient', 'norm')]),
      toHead: this.register([sendRow('send to head', 'norm')]),
      fromHead: this.register([sendRow('send head gradient', 'local')]),
    };
    this.computations = [...this.rows.keys()].filter((row) => {
      const { collective, group } = this.rows[row]!;
      return collective === undefined && group !== 'pp';
    });
  }

  private register(rows: readonly Row[]): Block {
    const block = blockOf(rows);
    this.firstRow.set(block, this.rows.length);
    this.rows.push(...block.rows);
    return block;
  }

  /** Place of a piece's first row among all rows. */
  firstRowOf(block: Block): number {
    return this.firstRow.get(block)!;
  }
}
