import type { Evaluator } from '../backends/evaluator.js';
import type { QueueOptions } from '../queue/queueEvaluator.js';
import type { OpenSpace } from '../runs/openSpace.js';
import { note } from './output.js';

/** Opens a queue for the work on a space. Loaded only now: who has no queue needs none of its libraries. */
export async function openQueue(
  url: string,
  open: Pick<OpenSpace, 'space' | 'reference'>,
  options: QueueOptions,
): Promise<Evaluator> {
  const [{ createQueueEvaluator }, { parseAddress }] = await Promise.all([
    import('../queue/queueEvaluator.js'),
    import('../queue/server.js'),
  ]);
  const address = parseAddress(url);
  note(`queue: ${address.place}`);
  const onWait = () => note(`waiting for workers: start some by cosmic worker ${address.place}`);
  return createQueueEvaluator(open, address, { ...options, onWait });
}
