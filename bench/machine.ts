/** Bench: says on what the figures were taken. Reads the machine, not the figures. */
import os from 'node:os';

/** Returns the line above the tables: CPU, cores, memory, system, Node, date, command. */
export function describeMachine(command: string, nodeVersion: string): string {
  const cpus = os.cpus();
  const memoryGib = Math.round(os.totalmem() / 2 ** 30);
  const system = `${os.type()} ${os.release()}`;
  const model = cpus[0]?.model ?? 'unknown CPU';
  return `${model}, ${cpus.length} cores, ${memoryGib} GiB, ${system}, Node ${nodeVersion}, ${new Date().toISOString().slice(0, 10)}: \`${command}\``;
}
