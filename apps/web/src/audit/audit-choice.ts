/** What part of the audit log is shown; stands in the address. Days are those of the person's own time zone. */
export type AuditChoice = Readonly<{ filter?: string; from?: string; until?: string }>;

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Reads it from an address; what is no day is left out. */
export function auditSearch(raw: Record<string, unknown>): AuditChoice & Readonly<{ selected?: string }> {
  const { filter, from, until, selected } = raw;
  const text = (value: unknown) =>
    typeof value === 'number' ? String(value) : typeof value === 'string' && value !== '' ? value : undefined;
  const day = (value: unknown) => (typeof value === 'string' && isDay(value) ? value : undefined);
  const all = { filter: text(filter), from: day(from), until: day(until), selected: text(selected) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** The moments between which entries are: from the first moment of one day to the last of the other. */
export function timesOf({ from, until }: AuditChoice): { from?: string; until?: string } {
  return {
    ...(from === undefined ? {} : { from: new Date(`${from}T00:00:00`).toISOString() }),
    ...(until === undefined ? {} : { until: new Date(`${until}T23:59:59.999`).toISOString() }),
  };
}

function isDay(text: string): boolean {
  return DAY.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00`));
}
