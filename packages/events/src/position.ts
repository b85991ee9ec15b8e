/** A place in the stream of events: the transaction that wrote an event, and the event's number. */
export type Position = Readonly<{ txid: bigint; seq: bigint }>;

const FORM = /^(\d{1,20})-(\d{1,19})$/;
const MAX_TXID = 2n ** 64n - 1n;
const MAX_SEQ = 2n ** 63n - 1n;

/** Reads an event's identifier; null for anything else. */
export function parsePosition(text: string): Position | null {
  const [, txidText, seqText] = FORM.exec(text) ?? [];
  if (txidText === undefined || seqText === undefined) return null;
  const position = { txid: BigInt(txidText), seq: BigInt(seqText) };
  return position.txid <= MAX_TXID && position.seq <= MAX_SEQ ? position : null;
}

/** An event's identifier. */
export function formatPosition(position: Position): string {
  return `${position.txid}-${position.seq}`;
}

/** Below zero when `a` comes before `b`, zero when they are the same. */
export function comparePositions(a: Position, b: Position): number {
  const difference = a.txid === b.txid ? a.seq - b.seq : a.txid - b.txid;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
