import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorBody } from './reply.ts';

/**
 * How a simulated host misbehaves. `rate` is the share of requests (0 to 1) that fail with the status; the others
 * strike every request: `hang` takes it and never answers, `garbage` answers what is no JSON, `huge` answers 100 MB,
 * `reset` cuts the connection.
 */
export type Fault =
  | { readonly status: number; readonly rate: number }
  | 'hang'
  | 'garbage'
  | 'huge'
  | 'reset';

const hugeBytes = 100 * 1024 * 1024;
const chunk = Buffer.alloc(64 * 1024, 'x');

/** Misbehaves on a request if it is to; says whether the request is dealt with. */
export function misbehave(
  fault: Fault | null,
  random: () => number,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  if (fault === null) return false;
  if (typeof fault === 'object') {
    if (random() >= fault.rate) return false;
    response.writeHead(fault.status, { 'content-type': 'application/json' });
    response.end(errorBody(fault.status, 'simulated failure'));
    return true;
  }
  switch (fault) {
    case 'hang':
      return true;
    case 'garbage':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('<html>\u0000 this is no LXD {{{');
      return true;
    case 'huge':
      sendHuge(response);
      return true;
    case 'reset':
      request.socket.destroy();
      return true;
  }
}

/** The same for a request to open a websocket, of which only the raw connection is at hand. */
export function misbehaveUpgrade(fault: Fault | null, random: () => number, socket: Duplex): boolean {
  if (fault === null || fault === 'huge') return false;
  if (typeof fault === 'object') {
    if (random() >= fault.rate) return false;
    refuseUpgrade(socket, fault.status, 'simulated failure');
    return true;
  }
  if (fault === 'garbage') socket.end('\u0000\u0001 this is no HTTP\r\n\r\n');
  if (fault === 'reset') socket.destroy();
  return true;
}

/** Answers a request for a websocket with an error and closes the connection. */
export function refuseUpgrade(socket: Duplex, status: number, message: string): void {
  const body = errorBody(status, message);
  const head = `HTTP/1.1 ${status} Refused\r\nContent-Type: application/json\r\nConnection: close`;
  socket.end(`${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

/** Valid JSON, only far too much of it; written as fast as it is read. */
function sendHuge(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"type":"sync","status":"Success","status_code":200,"metadata":["');
  let sent = 0;
  const more = () => {
    while (sent < hugeBytes && !response.destroyed) {
      sent += chunk.length;
      if (!response.write(chunk)) {
        response.once('drain', more);
        return;
      }
    }
    if (!response.destroyed) response.end('"]}');
  };
  more();
}
