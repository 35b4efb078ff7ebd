// `mneme doctor`: what this machine has, and whether Mneme works on it.
import { execFile } from 'node:child_process';
import { arch, availableParallelism, cpus, freemem, platform, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { Command, Option } from 'commander';
import type { SelfTestResult } from '../self-test.js';
import { messageOf, RuntimeError } from '../../core/errors.js';
import { formatBytes, print, printJson, progressLine } from '../output.js';
import { withRuntime } from '../runtime.js';
import { version } from '../version.js';

type Provider = 'cpu' | 'webgpu';

const providers: readonly Provider[] = ['cpu', 'webgpu'];
const probeMs = 30_000;

/** Something that graphs can run on. */
interface Device {
  readonly name: Provider;
  readonly selfTest: SelfTestResult | null;
  /** Why it cannot be used; `null` when it can. */
  readonly problem: string | null;
}

interface DoctorFlags {
  readonly json?: boolean;
  readonly probe?: Provider;
}

export function command(): Command {
  return new Command('doctor')
    .description('Versions, devices, threads, free memory, and a short self-test.')
    .option('--json', 'print the result as one JSON object')
    .addOption(new Option('--probe <provider>').choices(providers).hideHelp())
    .action(run);
}

async function run(flags: DoctorFlags): Promise<void> {
  if (flags.probe !== undefined) return printJson(await testProvider(flags.probe));
  progressLine.update(() => 'testing');
  const devices: Device[] = [];
  for (const provider of providers) devices.push(await probe(provider));
  const report = { ...machine(), ...(await versions()), devices };
  progressLine.clear();
  if (flags.json) printJson(report);
  else printReport(report);
  const works = report.devices.some(({ name, selfTest }) => name === 'cpu' && selfTest?.ok === true);
  if (!works) throw new RuntimeError('The self-test failed on the processor. Reinstall with npm ci.');
}

function machine() {
  return {
    platform: `${platform()} ${arch()}`,
    processor: cpus()[0]?.model ?? 'unknown',
    threads: availableParallelism(),
    memory: { totalBytes: totalmem(), freeBytes: freemem() },
  };
}

async function versions() {
  const { env } = await import('onnxruntime-node');
  return { mneme: version(), node: process.versions.node, onnxruntime: env.versions.node ?? 'unknown' };
}

type Report = ReturnType<typeof machine> &
  Awaited<ReturnType<typeof versions>> & { readonly devices: readonly Device[] };

function printReport(report: Report): void {
  print(`mneme ${report.mneme}, Node ${report.node}, ONNX Runtime ${report.onnxruntime}`);
  print(`${report.processor}, ${report.threads} threads, ${report.platform}`);
  print(`memory: ${formatBytes(report.memory.freeBytes)} free of ${formatBytes(report.memory.totalBytes)}`);
  for (const { name, selfTest, problem } of report.devices) {
    print(`${name}: ${selfTest === null ? `not usable (${problem})` : describe(selfTest)}`);
  }
}

function describe({ ok, error, gflops }: SelfTestResult): string {
  return ok
    ? `works, ${gflops.toFixed(0)} GFLOP/s in a matrix product`
    : `computes wrongly (error ${error.toExponential(1)})`;
}

async function testProvider(provider: Provider): Promise<SelfTestResult> {
  const { selfTest } = await import('../self-test.js');
  return withRuntime({ provider }, selfTest);
}

/** Tests a device in a process of its own: a driver that does not work can end the process. */
async function probe(name: Provider): Promise<Device> {
  const command = [process.argv[1] ?? '', 'doctor', '--probe', name];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, command, { timeout: probeMs });
    return { name, selfTest: JSON.parse(stdout) as SelfTestResult, problem: null };
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
    const problem = /^error: (.*)$/m.exec(stderr)?.[1] ?? messageOf(error);
    return { name, selfTest: null, problem };
  }
}
