import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Log } from '@longshore/store';
import { LARGEST_UDP, type Responder, SPECIAL, type Transport } from './responder.ts';

/** An address that is listened on. */
export type ListenAddress = Readonly<{ host: string; port: number }>;

/** Deals with what {@link Responder} leaves to others; may send any number of answers, and never throws. */
export type SpecialMessages = (
  message: Buffer,
  from: Readonly<{ address: string; transport: Transport }>,
  send: (answer: Buffer) => Promise<void>,
) => Promise<void>;

/** A socket that answers. */
export type UdpServer = Readonly<{ port: number; close(): Promise<void> }>;

/** Answers that the system takes at once are written into one of these in turn. */
const BUFFERS = 256;
/** Bursts of a few thousand questions wait in the kernel instead of being lost; it may give less. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** @throws the system's error for an address that cannot be listened on */
export async function serveUdp(
  { host, port }: ListenAddress,
  responder: Responder,
  special: SpecialMessages,
  log: Log,
): Promise<UdpServer> {
  const ipv6 = isIPv6(host);
  const socket = createSocket({
    type: ipv6 ? 'udp6' : 'udp4',
    ipv6Only: ipv6,
    // Answers go to addresses, not names: a lookup that calls back at once saves a tick each (1.09 times the answers).
    lookup: (address, _options, done) => done(null, address, ipv6 ? 6 : 4),
  });
  const buffers = Array.from({ length: BUFFERS }, () => Buffer.alloc(LARGEST_UDP));
  let turn = 0;
  socket.on('message', (message, remote) => {
    turn += 1;
    if (turn === BUFFERS) {
      turn = 0;
      // What the system did not take at once still lies in its buffer: begin with new ones.
      if (socket.getSendQueueCount() > 0) {
        for (let n = 0; n < BUFFERS; n += 1) buffers[n] = Buffer.alloc(LARGEST_UDP);
      }
    }
    const out = buffers[turn] ?? Buffer.alloc(LARGEST_UDP);
    const length = responder.respond(message, out, 'udp', remote.address);
    if (length > 0) send(socket, out, 0, length, remote.port, remote.address);
    else if (length === SPECIAL) {
      void special(message, { address: remote.address, transport: 'udp' }, async (answer) =>
        send(socket, answer, 0, answer.length, remote.port, remote.address),
      );
    }
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  socket.on('error', (error) => log.warn({ error }, 'the UDP socket of DNS reported an error'));
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  } catch (error) {
    log.debug({ error }, 'the system gives DNS no larger receive buffer');
  }
  return {
    port: socket.address().port,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function send(
  socket: Socket,
  answer: Buffer,
  from: number,
  length: number,
  port: number,
  address: string,
): void {
  // Port 0 cannot be answered, and send() would throw. Errors (nobody listens there) are the asker's.
  if (port === 0) return;
  socket.send(answer, from, length, port, address);
}
