import { createHmac, timingSafeEqual } from 'node:crypto';

/** Server cookies (RFC 7873): whoever returns one has shown that it receives at its address. */
export type Cookies = Readonly<{
  /** Writes the 24 octets of a cookie: the client's 8, and ours of the form of RFC 9018, 4. */
  write(clientCookie: Buffer, address: string, out: Buffer, at: number): void;
  isValid(cookie: Buffer, address: string): boolean;
}>;

/** RFC 9018, 4.3: old ones are refused after an hour, those of the future after five minutes. */
const OLDEST_SECONDS = 3600;
const NEWEST_SECONDS = 300;

/**
 * @param secret of this process. Several servers behind one address do not know each other's cookies: clients then fall
 *   back to the rate limit of everyone.
 */
export function createCookies(secret: Buffer, clock: () => Date): Cookies {
  const seconds = () => Math.floor(clock().getTime() / 1000);
  // An HMAC where RFC 9018 has SipHash: that is for servers of different makes that share an address and a secret.
  const hash = (cookie: Buffer, address: string) =>
    createHmac('sha256', secret).update(cookie.subarray(0, 16)).update(address).digest().subarray(0, 8);
  return {
    write(clientCookie, address, out, at) {
      clientCookie.copy(out, at);
      out.writeUInt32BE(0x01_00_00_00, at + 8);
      out.writeUInt32BE(seconds() >>> 0, at + 12);
      hash(out.subarray(at, at + 16), address).copy(out, at + 16);
    },
    isValid(cookie, address) {
      if (cookie.length !== 24 || cookie[8] !== 1) return false;
      const age = (seconds() - cookie.readUInt32BE(12)) | 0; // serial arithmetic, RFC 1982
      if (age > OLDEST_SECONDS || age < -NEWEST_SECONDS) return false;
      return timingSafeEqual(cookie.subarray(16), hash(cookie, address));
    },
  };
}
