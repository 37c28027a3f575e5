/** The file of a certificate while it grows: it is cut back to what a checkpoint knows of, and goes on from there. */
import { closeSync, constants, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { CosmicError } from '../../psa/errors.js';
import { systemReason } from '../../psa/files.js';

/** Text that is held back, so that small writes are few. */
const BUFFERED = 2 ** 16;

/** @throws CosmicError DISK_WRITE, in every method */
export class CertificateFile {
  private readonly file: number;
  private waiting: string[] = [];
  private waitingLength = 0;

  /** @param bytes how long the file is; what is behind was written after the last checkpoint */
  constructor(
    private readonly path: string,
    private bytes: number,
  ) {
    const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
    this.file = this.onDisk(() => openSync(path, O_RDWR | O_CREAT | (O_NOFOLLOW ?? 0)));
    this.onDisk(() => ftruncateSync(this.file, bytes));
  }

  append(text: string): void {
    this.waiting.push(text);
    this.waitingLength += text.length;
    if (this.waitingLength >= BUFFERED) this.write();
  }

  /** Waits until the disk has all that was appended; tells how long the file is then. */
  flush(): number {
    this.write();
    this.onDisk(() => fsyncSync(this.file));
    return this.bytes;
  }

  close(): void {
    closeSync(this.file);
  }

  private write(): void {
    const content = Buffer.from(this.waiting.join(''));
    this.waiting = [];
    this.waitingLength = 0;
    for (let at = 0; at < content.length; ) {
      at += this.onDisk(() => writeSync(this.file, content, at, content.length - at, this.bytes + at));
    }
    this.bytes += content.length;
  }

  private onDisk<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw new CosmicError('DISK_WRITE', `cannot write the file (${systemReason(error)})`, {
        file: this.path,
        remedy: 'free some space and go on with the run by --resume',
      });
    }
  }
}
