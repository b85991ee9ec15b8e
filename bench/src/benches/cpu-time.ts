import { readFile } from 'node:fs/promises';

/** Linux counts CPU time in clock ticks of 10 ms (sysconf(_SC_CLK_TCK) = 100 on every architecture it runs on). */
const TICK_MS = 10;

/** User and system time of a process and all its threads so far, in milliseconds (proc_pid_stat(5)). */
export async function cpuMilliseconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold spaces; fields are counted after it, utime and stime are numbers 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
