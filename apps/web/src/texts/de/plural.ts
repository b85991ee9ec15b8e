/** A count with its noun: `1 Host`, `1.200 Hosts`. */
export function plural(count: number, one: string, many: string): string {
  return `${count.toLocaleString('de')} ${count === 1 ? one : many}`;
}
