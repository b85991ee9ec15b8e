import { CliError } from './cli-error.ts';
import { keyValues } from './options.ts';

/** `NAME,KEY=VALUE,…` options as devices. */
export function deviceOptions(texts: readonly string[] | undefined): Record<string, Record<string, string>> {
  const devices: Record<string, Record<string, string>> = {};
  for (const text of texts ?? []) {
    const [name = '', ...options] = text.split(',');
    if (name === '' || name.includes('=')) {
      throw new CliError('usage', `--device "${text}" does not begin with a name.`, {
        hint: 'Write it such as --device data,type=disk,source=/srv/data,path=/data.',
      });
    }
    devices[name] = { ...devices[name], ...keyValues(options, `--device ${name},`) };
  }
  return devices;
}
