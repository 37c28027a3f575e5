/** The server that keeps a queue: Redis or Valkey, by its address; secrets stay in memory. */
import { Redis } from 'ioredis';
import { CosmicError } from '../../psa/errors.js';

/** Where a server is, and how to be let in. */
export interface ServerAddress {
  /** For people, files and errors: without name and password. */
  readonly place: string;
  readonly options: {
    readonly host: string;
    readonly port: number;
    readonly db: number;
    readonly username?: string;
    readonly password?: string;
    readonly tls?: object;
  };
  /** What signs the messages; empty where there is no secret. */
  readonly secret: string;
}

/** The password where the address has none, and what signs messages. */
const PASSWORD = 'COSMIC_QUEUE_PASSWORD';
const SECRET = 'COSMIC_QUEUE_SECRET';

/** A server that does not answer for so long is gone. */
const USUAL_PATIENCE_SECONDS = 60;
const PATIENCE = 'COSMIC_QUEUE_PATIENCE';

const CONNECT_MS = 5000;
const LONGEST_PAUSE_MS = 1000;

/**
 * Reads the address of a server: `redis://host:6379`, `rediss://user:password@host:6379/0` with TLS. Its certificate is checked by
 * the authorities that Node knows, those of NODE_EXTRA_CA_CERTS too.
 *
 * @throws CosmicError ARGUMENT; it does not repeat the address, which may hold a password
 */
export function parseAddress(text: string, environment: NodeJS.ProcessEnv = process.env): ServerAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const database = /^\/?(\d{0,4})$/.exec(url?.pathname ?? 'none');
  if (url === undefined || database === null || url.hostname === '' || !/^rediss?:$/.test(url.protocol)) {
    throw new CosmicError('ARGUMENT', 'the address of the queue is not understood', {
      remedy: 'write redis://host:6379, or rediss://host:6379 for TLS; a password may stand in COSMIC_QUEUE_PASSWORD',
    });
  }
  const { protocol, hostname, port, username, password } = url;
  const host = hostname.replace(/^\[|\]$/g, '');
  const secretWord = password === '' ? environment[PASSWORD] : decodeURIComponent(password);
  const db = Number(database[1]);
  return {
    place: `${protocol}//${hostname}:${port || 6379}${db === 0 ? '' : `/${db}`}`,
    secret: environment[SECRET] ?? '',
    options: {
      host,
      port: Number(port || 6379),
      db,
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(secretWord === undefined ? {} : { password: secretWord }),
      ...(protocol === 'rediss:' ? { tls: {} } : {}),
    },
  };
}

/** For how long a server may be away before the work is given up, ms. */
export function patienceMs(environment: NodeJS.ProcessEnv = process.env): number {
  const seconds = Number(environment[PATIENCE] ?? USUAL_PATIENCE_SECONDS);
  if (seconds > 0 && seconds < 1e6) return 1000 * seconds;
  throw new CosmicError('ARGUMENT', `${PATIENCE} is not a number of seconds above 0`, {
    remedy: 'give one, such as 60',
  });
}

/** What a server or the way to it does not let us do. */
export function queueError({ place }: Pick<ServerAddress, 'place'>, message: string, remedy: string): CosmicError {
  return new CosmicError('QUEUE', message, { file: place, remedy });
}

/** An error of the client's library, in our words. */
export function serverError(address: ServerAddress, error: unknown): CosmicError {
  if (error instanceof CosmicError) return error;
  const { message = '', code = '' } = error as NodeJS.ErrnoException;
  if (/WRONGPASS|NOAUTH|invalid password|without any password/i.test(message)) {
    return queueError(
      address,
      'the server does not let us in: name or password are wrong',
      `give them in the address or in ${PASSWORD}`,
    );
  }
  if (/NOPERM/.test(message)) {
    return queueError(address, 'the server does not let this user do what a queue needs', 'see docs/cluster.md');
  }
  if (/WRONGTYPE/.test(message)) {
    return queueError(
      address,
      'the server holds something else under the names of the queue',
      'use another database of it, such as redis://host:6379/1, or remove the keys that begin with cosmic',
    );
  }
  if (/^OOM /.test(message)) {
    return queueError(address, "the server's memory is full", 'give it more (maxmemory), then go on by --resume');
  }
  if (/CERT|SELF_SIGNED|ALTNAME/.test(code)) {
    return queueError(
      address,
      `the server cannot be reached (${code})`,
      'let Node know who signs its certificate: NODE_EXTRA_CA_CERTS=authority.pem; it must name the host of the address',
    );
  }
  if (code !== '' || /closed|ETIMEDOUT|ECONN|certificate|SSL/i.test(message)) {
    return queueError(
      address,
      `the server cannot be reached (${code === '' ? message : code})`,
      'start it, or mend the address; valkey-server or redis-server, version 6.2 or newer',
    );
  }
  return queueError(address, `the server answered: ${message}`, 'see docs/cluster.md');
}

/** A connection to a server. */
export interface Connection {
  readonly redis: Redis;
  /** Ends it, and those that the library has made like it, be the server there or not. */
  close(): void;
}

/**
 * Connects to a server; a connection that breaks later is made again for as long as it takes.
 *
 * @throws CosmicError QUEUE where it cannot be reached or does not let us in
 */
export async function connect(address: ServerAddress): Promise<Connection> {
  let isOpen = false;
  let failure: unknown;
  const client = new Redis({
    ...address.options,
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    maxRetriesPerRequest: null,
    retryStrategy: (tries: number) => (isOpen ? Math.min(50 * tries, LONGEST_PAUSE_MS) : null),
  });
  // Without a listener, the library prints errors.
  client.on('error', (error) => {
    failure = error;
  });
  try {
    await client.connect();
    await client.ping();
    isOpen = true;
    const close = () => {
      isOpen = false;
      client.disconnect();
    };
    return { redis: client, close };
  } catch (error) {
    client.disconnect();
    throw serverError(address, failure ?? error);
  }
}
