import { authRequests, chatRequests, type Endpoint } from '@sotto/wire'
import type { RawExchange } from '../raw/raw-server.ts'
import type { RawFrame } from '../raw/raw-socket.ts'
import type { Entry } from './recording.ts'
import type { StableValues } from './stable-values.ts'

const MAX_COLUMNS = 120

/** The transcript as Markdown. */
export function render(entries: readonly Entry[], values: StableValues): string {
  let chapters = 0
  const parts = entries.map((entry) => {
    if (entry.kind !== 'chapter') return renderEntry(entry, values)
    chapters += 1
    return `## ${chapters}. ${entry.title}`
  })
  return parts.join('\n\n')
}

function renderEntry(entry: Exclude<Entry, { kind: 'chapter' }>, values: StableValues): string {
  switch (entry.kind) {
    case 'comment':
      return wrapped(entry.text)
    case 'inside':
      return `${entry.what}:\n\n${block('json', pretty(values.of(entry.value)))}`
    case 'frame':
      return withPayloads(renderFrame(entry.device, entry.frame, values), values)
    case 'exchange':
      return withPayloads(renderExchange(entry.device, entry.exchange, values), values)
  }
}

function renderExchange(device: string, exchange: RawExchange, values: StableValues): string {
  const { method, path, token, body, status, answer } = exchange
  const lines = [`${method} ${values.path(path)}`]
  if (token !== undefined) lines.push(`Authorization: Bearer ${values.of(token, 'token')}`)
  if (body !== undefined) lines.push('Content-Type: application/json', '', pretty(values.of(body)))
  const question = `**${device}** asks${nameOf(method, path)}:\n\n${block('http', lines.join('\n'))}`
  return `${question}\n\n${status}:\n\n${block('json', pretty(values.of(answer)))}`
}

function renderFrame(device: string, { direction, frame }: RawFrame, values: StableValues): string {
  const verb = direction === 'to the server' ? 'sends a frame' : 'gets a frame'
  return `**${device}** ${verb}:\n\n${block('json', pretty(values.of(frame)))}`
}

/** The payloads of statements that appear for the first time. */
function withPayloads(text: string, values: StableValues): string {
  const payloads = values.takeStatements().map(({ name, payload }) => {
    return `The ${name}:\n\n${block('json', pretty(values.of(payload)))}`
  })
  return [text, ...payloads].join('\n\n')
}

/** The endpoint's name in the schemas. */
function nameOf(method: string, path: string): string {
  const segments = path.split('?')[0]?.split('/') ?? []
  const isLike = (endpoint: Endpoint) => {
    const wanted = endpoint.path.split('/')
    const isSame = wanted.every((one, n) => one.startsWith(':') || one === segments[n])
    return endpoint.method === method && wanted.length === segments.length && isSame
  }
  const all = Object.entries({ ...authRequests, ...chatRequests })
  const exact = all.find(([, one]) => one.method === method && one.path === segments.join('/'))
  const [name] = exact ?? all.find(([, one]) => isLike(one)) ?? []
  return name ? ` (\`${name}\`)` : ''
}

/** Lines of at most 120 characters. */
function wrapped(text: string): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line === '') lines[lines.length - 1] = word
    else if (line.length + 1 + word.length > MAX_COLUMNS) lines.push(word)
    else lines[lines.length - 1] = `${line} ${word}`
  }
  return lines.join('\n')
}

function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2)
}

function block(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``
}
