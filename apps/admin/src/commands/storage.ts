import {
  authOperatorRequests as auth,
  chatOperatorRequests as chat,
  type NamedAccount,
  type TableSize,
} from '@sotto/wire/operator'
import type { Command } from '../command.ts'
import { noArguments } from '../read-given.ts'
import { size, table } from '../show.ts'

/** Each table's content, in everyday words. */
const kinds: Readonly<Record<string, string>> = {
  'chat.envelopes': 'messages, sealed',
  'chat.conversations': 'conversations',
  'chat.participants': 'conversations',
  'chat.accounts': 'names, pictures and keys',
  'chat.past_records': 'names, pictures and keys',
  'chat.devices': 'names, pictures and keys',
  'chat.boxes': 'keys and contacts, sealed',
  'chat.manifests': 'keys and contacts, sealed',
  'auth.wraps': 'keys and contacts, sealed',
  'chat.kept_keys': 'previous keys and contacts, sealed',
  'auth.kept_wraps': 'previous keys and contacts, sealed',
  'auth.accounts': 'numbers, addresses and passwords',
  'auth.passwords': 'numbers, addresses and passwords',
  'auth.sessions': 'log-ins',
  'auth.refresh_tokens': 'log-ins',
  'auth.known_networks': 'log-ins',
}

interface KindSize {
  readonly kind: string
  readonly bytes: number
}

/** Shows what uses the disk. */
export const storageCommand: Command = {
  name: 'storage',
  usage: '',
  summary: 'shows how many bytes of each kind the database stores, and which accounts use the most',
  options: {},
  prepare(given) {
    noArguments(given)
    return {
      async run({ ask }) {
        const [ofAuth, ofChat] = await Promise.all([ask(auth.storage), ask(chat.storage)])
        const tables = [...inSchema('auth', ofAuth.tables), ...inSchema('chat', ofChat.tables)]
        const byKind = sumUp(tables)
        const { largest } = ofChat
        return { json: { kinds: byKind, tables, largest }, text: show(byKind, largest) }
      },
    }
  },
}

const inSchema = (schema: string, tables: readonly TableSize[]) =>
  tables.map(({ table, bytes }) => ({ table: `${schema}.${table}`, bytes }))

/** Largest first. */
function sumUp(tables: readonly TableSize[]): KindSize[] {
  const byKind = new Map<string, number>()
  for (const { table, bytes } of tables) {
    const kind = kinds[table] ?? 'everything else'
    byKind.set(kind, (byKind.get(kind) ?? 0) + bytes)
  }
  return [...byKind].map(([kind, bytes]) => ({ kind, bytes })).sort((a, b) => b.bytes - a.bytes)
}

function show(byKind: readonly KindSize[], largest: readonly NamedAccount[]): string {
  const total = byKind.reduce((sum, { bytes }) => sum + bytes, 0)
  const kindRows = byKind.map(({ kind, bytes }) => [kind, size(bytes)])
  const accountRows = largest.map(({ accountId, name, bytes }) => [accountId, name, size(bytes)])
  return [
    table([['in the database', 'bytes'], ...kindRows, ['together', size(total)]]),
    '',
    table([['largest accounts', 'name', 'bytes'], ...accountRows]),
  ].join('\n')
}
