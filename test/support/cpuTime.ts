/** The processor's time that the work takes, in milliseconds: what else the machine does makes no difference. */
export function cpuTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  return process.cpuUsage(before).user / 1000;
}
