import { CosmicError } from '../../../psa/errors.js';

/** Each is held and takes about a microsecond. */
const MOST_MESSAGES = 2 ** 24;

/**
 * Checks what a collective is followed by: the messages of each chunk at each NPU that is not like all others, or their queues.
 *
 * @throws CosmicError VALUE_OUT_OF_RANGE where they are too many
 */
export function checkMessages(messages: number, npus: number, chunks: number): void {
  if (messages <= MOST_MESSAGES) return;
  const number = (value: number) => value.toLocaleString('en-US');
  throw new CosmicError(
    'VALUE_OUT_OF_RANGE',
    `a collective of ${number(npus)} NPUs and ${number(chunks)} chunks has ${number(messages)} messages to follow; ` +
      `at most ${number(MOST_MESSAGES)} are`,
    { remedy: 'use fewer chunks (preferred-dataset-splits), queues or NPUs' },
  );
}
