/** A number that a page gave. @throws Error for anything else. */
export function numberOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new Error(`the page gave ${String(value)} for a number`);
  return value;
}

/** A list of numbers that a page gave. @throws Error for anything else. */
export function numbersOf(value: unknown): readonly number[] {
  if (!Array.isArray(value)) throw new Error(`the page gave ${String(value)} for a list of numbers`);
  return value.map(numberOf);
}
