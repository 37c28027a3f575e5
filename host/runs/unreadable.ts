import { CosmicError } from '../../psa/errors.js';

/** Of a checkpoint that another run wrote, or that was changed. */
export function unreadable(of: 'sweep' | 'search' | 'proof', why: string, file: string): CosmicError {
  return new CosmicError('FILE_UNREADABLE', `the checkpoint is not of this ${of}: ${why}`, {
    file,
    remedy: 'start a new run',
  });
}
