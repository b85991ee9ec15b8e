import { createServer, type Socket } from 'node:net';
import { type Responder, SPECIAL } from './responder.ts';
import type { ListenAddress, SpecialMessages } from './udp-server.ts';

/** A server that answers. */
export type TcpServer = Readonly<{ port: number; close(): Promise<void> }>;

/** RFC 7766, 6.2.3: seconds, not minutes, for those who do not say anything. */
const IDLE_MS = 30_000;
const MOST_CONNECTIONS = 1000;
const MOST_PER_ADDRESS = 100;
const LARGEST = 65_535;
/** Answers of one read leave in one write; more than this waits for the client to take some. */
const OUT_BYTES = 256 * 1024;

/** @throws the system's error for an address that cannot be listened on */
export async function serveTcp(
  { host, port }: ListenAddress,
  responder: Responder,
  special: SpecialMessages,
): Promise<TcpServer> {
  const sockets = new Set<Socket>();
  const perAddress = new Map<string, number>();
  const scratch = Buffer.alloc(LARGEST);
  const server = createServer({ noDelay: true }, (socket) => {
    const address = socket.remoteAddress ?? '';
    const open = (perAddress.get(address) ?? 0) + 1;
    if (sockets.size >= MOST_CONNECTIONS || open > MOST_PER_ADDRESS) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    perAddress.set(address, open);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy()); // the client went away
    socket.once('close', () => {
      sockets.delete(socket);
      const left = (perAddress.get(address) ?? 1) - 1;
      if (left > 0) perAddress.set(address, left);
      else perAddress.delete(address);
    });
    answerOn(socket, address, responder, special, scratch);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true, ipv6Only: host.includes(':') }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function answerOn(
  socket: Socket,
  address: string,
  responder: Responder,
  special: SpecialMessages,
  scratch: Buffer,
): void {
  let rest: Buffer = Buffer.alloc(0);
  let busy = false;

  const work = (): void => {
    const answers: Buffer[] = [];
    let size = 0;
    let at = 0;
    const flush = () => {
      if (answers.length > 0 && !socket.destroyed) socket.write(Buffer.concat(answers, size));
      answers.length = 0;
      size = 0;
    };
    while (!busy && rest.length - at >= 2) {
      const length = rest.readUInt16BE(at);
      if (rest.length - at - 2 < length) break;
      const message = rest.subarray(at + 2, at + 2 + length);
      at += 2 + length;
      const answered = responder.respond(message, scratch, 'tcp', address);
      if (answered === SPECIAL) {
        flush();
        busy = true;
        socket.pause();
        void special(message, { address, transport: 'tcp' }, (answer) => sendFramed(socket, answer)).then(
          () => {
            busy = false;
            socket.resume();
            if (!socket.destroyed) work();
          },
        );
        break;
      }
      if (answered === 0) {
        socket.destroy(); // what asks nothing is not DNS
        return;
      }
      const framed = Buffer.allocUnsafe(answered + 2);
      framed.writeUInt16BE(answered, 0);
      scratch.copy(framed, 2, 0, answered);
      answers.push(framed);
      size += framed.length;
      if (size > OUT_BYTES) flush();
    }
    flush();
    rest = at === rest.length ? Buffer.alloc(0) : Buffer.from(rest.subarray(at));
    if (socket.writableLength > OUT_BYTES) {
      socket.pause();
      socket.once('drain', () => socket.resume());
    }
  };

  socket.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (!busy) work();
  });
}

/** One message with its length before it; resolves when there is room for more. */
function sendFramed(socket: Socket, answer: Buffer): Promise<void> {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(answer.length, 0);
  return new Promise((resolve, reject) => {
    if (socket.destroyed) {
      reject(new Error('the connection is closed'));
      return;
    }
    const gone = () => reject(new Error('the connection was closed'));
    socket.once('close', gone);
    const done = () => {
      socket.off('close', gone);
      resolve();
    };
    if (socket.write(Buffer.concat([length, answer]))) done();
    else socket.once('drain', done);
  });
}
