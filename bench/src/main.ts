/**
 * `npm run bench` lists the benches; `npm run bench -- NAME [--quick]` runs one. The last line of its output is one JSON
 * object. Exits with 0 when it measured, whether or not each figure was reached; with 1 when it could not measure.
 */
import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { benches } from './benches.ts';
import { printReport } from './report/report.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
});
const [name] = positionals;
if (name === undefined) {
  for (const bench of benches) process.stdout.write(`${bench.name.padEnd(12)} ${bench.measures}\n`);
  process.exit(0);
}
const bench = benches.find((one) => one.name === name);
if (bench === undefined) {
  process.stderr.write(`no bench "${name}"; there are: ${benches.map((one) => one.name).join(', ')}\n`);
  process.exit(2);
}
const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => abort.abort(new Error('stopped by a signal')));
const log = (line: string) => void process.stderr.write(`${line}\n`);
const [load] = loadavg();
log(
  `${bench.name}: ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'CPU'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ` +
    `load ${load?.toFixed(1)}, Node ${process.version}, ${new Date().toISOString()}`,
);
if ((load ?? 0) > 1.5) log('The machine is busy: figures will be worse than on a quiet one.');
const report = await bench.run({ quick: values.quick, log, signal: abort.signal });
process.stdout.write(printReport(report));
process.exit(0);
