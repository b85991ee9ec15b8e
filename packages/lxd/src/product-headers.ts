import { headerText } from './transport.ts';

/** Request headers under both products' names: LXD reads `X-LXD-…`, Incus `X-Incus-…`, each ignores the other's. */
export function productHeaders(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    headers[`x-lxd-${name}`] = value;
    headers[`x-incus-${name}`] = value;
  }
  return headers;
}

/** The same for reading an answer. */
export function productHeader(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  name: string,
): string | undefined {
  return headerText(headers[`x-lxd-${name}`]) ?? headerText(headers[`x-incus-${name}`]);
}
