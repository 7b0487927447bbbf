import { execFile } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { promisify } from 'node:util'
import { requireRoot } from './require-root.ts'

const run = promisify(execFile)

/** A separate network namespace with a single link to it, whose quality can be made arbitrarily bad. */
export interface OwnNetwork extends AsyncDisposable {
  /** The address of servers that listen inside. */
  readonly inside: string
  /** The command that runs a program inside. */
  readonly through: readonly string[]
  /** Makes the link lose a share of all packets in each direction, and limits its bandwidth. */
  worsen(bad: { lossPercent: number; kbitPerSecond: number }): Promise<void>
  /** Restores the link. */
  mend(): Promise<void>
}

/** Needs root, `ip`, `tc` and `nft`; throws an explanation without them. Changes nothing outside the namespace. */
export async function createOwnNetwork(): Promise<OwnNetwork> {
  requireRoot('a network namespace')
  const name = `sotto${randomInt(1_000_000)}`
  const wire = [`${name}a`, `${name}b`] as const
  const net = `10.213.${randomInt(256)}`
  const [outside, inside] = [`${net}.1`, `${net}.2`]
  const within = (...args: string[]) => run('ip', ['netns', 'exec', name, ...args])
  const shape = (kbit: number) => [
    'root',
    'tbf',
    'rate',
    `${kbit}kbit`,
    'burst',
    '8kb',
    'latency',
    '2s',
  ]

  await run('ip', ['netns', 'add', name])
  await run('ip', ['link', 'add', wire[0], 'type', 'veth', 'peer', 'name', wire[1], 'netns', name])
  await run('ip', ['addr', 'add', `${outside}/24`, 'dev', wire[0]])
  await run('ip', ['link', 'set', wire[0], 'up'])
  await within('ip', 'addr', 'add', `${inside}/24`, 'dev', wire[1])
  await within('ip', 'link', 'set', wire[1], 'up')
  await within('ip', 'link', 'set', 'lo', 'up')
  return {
    inside,
    through: ['ip', 'netns', 'exec', name],
    async worsen({ lossPercent, kbitPerSecond }) {
      await run('tc', ['qdisc', 'replace', 'dev', wire[0], ...shape(kbitPerSecond)])
      await within('tc', 'qdisc', 'replace', 'dev', wire[1], ...shape(kbitPerSecond))
      const lose = (hook: string, way: string) =>
        `add chain inet bad ${hook} { type filter hook ${hook} priority 0; }; ` +
        `add rule inet bad ${hook} ${way} ${wire[1]} numgen random mod 100 < ${lossPercent} drop; `
      const rules = lose('input', 'iifname') + lose('output', 'oifname')
      await within('nft', `add table inet bad; ${rules}`)
    },
    async mend() {
      await within('nft', 'delete table inet bad')
      await run('tc', ['qdisc', 'del', 'dev', wire[0], 'root'])
      await within('tc', 'qdisc', 'del', 'dev', wire[1], 'root')
    },
    async [Symbol.asyncDispose]() {
      await run('ip', ['link', 'del', wire[0]])
      await run('ip', ['netns', 'del', name])
    },
  }
}
