import { figures } from './figures.ts'
import { type Assumptions, type Part, type Sizing, size } from './model.ts'
import { bounds, scenarios } from './scenarios.ts'

/** The tables of docs/scaling.md, as Markdown. */
export function printTables(): string {
  const sized = scenarios.map((one) => size(one, figures, bounds))
  return [table('per second at the peak', load, sized), table('takes', needs, sized)].join('\n\n')
}

type Row = readonly [label: string, of: (sizing: Sizing) => number | string]

const load: readonly Row[] = [
  ['messages', ({ messagesPerSecond }) => messagesPerSecond],
  ['deliveries', ({ deliveriesPerSecond }) => deliveriesPerSecond],
  ['connections, open', ({ connections }) => connections],
  ['network, Mbit', ({ networkMbitPerSecond }) => networkMbitPerSecond],
]

const core = (part: Part): Row => [`cores busy: ${names[part]}`, ({ cores }) => cores[part]]
const names: Record<Part, string> = {
  gateway: 'NGINX',
  websocket: 'websocket',
  chat: 'chat, messages',
  requests: 'auth and chat, requests',
  broker: 'RabbitMQ',
  postgres: 'PostgreSQL',
}

const needs: readonly Row[] = [
  core('gateway'),
  core('websocket'),
  core('chat'),
  core('requests'),
  core('broker'),
  core('postgres'),
  [`**cores to buy**, ${bounds.cpuShare * 100} % busy`, ({ totalCores }) => totalCores],
  ['instances: NGINX', ({ instances }) => instances.gateway],
  ['instances: auth', ({ instances }) => instances.auth],
  ['instances: chat', ({ instances }) => instances.chat],
  ['instances: websocket', ({ instances }) => instances.websocket],
  ['RAM, GiB', ({ ramGib }) => ramGib],
  ['stored each day, GiB', ({ diskGibPerDay }) => diskGibPerDay],
  ['write-ahead log each day, GiB', ({ walGibPerDay }) => walGibPerDay],
  ['stored after a year, TiB', ({ keptTib }) => keptTib],
  ['databases', ({ databases }) => databases],
  ['RabbitMQ clusters', ({ brokers }) => brokers],
]

function table(title: string, rows: readonly Row[], sized: readonly Sizing[]): string {
  const heads = scenarios.map(({ accounts }: Assumptions) => count(accounts))
  return [
    `| ${title} | ${heads.map((head) => `${head} accounts`).join(' | ')} |`,
    `|---|${'---|'.repeat(sized.length)}`,
    ...rows.map(
      ([label, of]) => `| ${label} | ${sized.map((one) => count(of(one))).join(' | ')} |`,
    ),
  ].join('\n')
}

/**
 * Two significant digits: the model is no more precise. Small counts of whole things stay
 * unchanged.
 */
function count(value: number | string): string {
  if (typeof value === 'string') return value
  const rounded = Number.isInteger(value) && value < 100 ? value : Number(value.toPrecision(2))
  return rounded.toLocaleString('en', { maximumFractionDigits: 3 })
}
