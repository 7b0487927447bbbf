import { type ClientPort, type Commands, type ViewKey, viewName } from '@sotto/sdk'
import { failureOf } from '../errors/failure.ts'
import { type FollowerMessage, type LeaderMessage, tabLock } from './tab-messages.ts'

interface SharedView {
  readonly tabs: Set<string>
  readonly stop: () => void
}

/**
 * Shares `client` with the other tabs: answers their calls and notifies them of changes. Returns a function that ends
 * the sharing and tells them so.
 */
export function lead(
  client: ClientPort,
  channel: BroadcastChannel,
  locks: LockManager,
): () => void {
  const leader = crypto.randomUUID()
  const views = new Map<string, SharedView>()
  const watched = new Set<string>()
  const post = (message: LeaderMessage) => channel.postMessage(message)

  const subscribe = (tab: string, key: ViewKey) => {
    const known = views.get(viewName(key))
    if (known) known.tabs.add(tab)
    else views.set(viewName(key), { tabs: new Set([tab]), stop: shareView(client, key, post) })
    post({ type: 'snapshot', key, value: client.snapshot(key) })
  }
  const unsubscribe = (tab: string, name: string) => {
    const view = views.get(name)
    if (!view?.tabs.delete(tab) || view.tabs.size > 0) return
    view.stop()
    views.delete(name)
  }
  const watch = (tab: string) => {
    if (watched.has(tab)) return
    watched.add(tab)
    // Granted when the tab that holds it is closed or has crashed.
    void locks.request(tabLock(tab), () => {
      watched.delete(tab)
      for (const name of [...views.keys()]) unsubscribe(tab, name)
    })
  }

  const listen = ({ data }: MessageEvent<FollowerMessage>) => {
    if (data.type === 'join') {
      watch(data.tab)
      post({ type: 'leading', leader })
    } else if (data.type === 'subscribe') subscribe(data.tab, data.key)
    else if (data.type === 'unsubscribe') unsubscribe(data.tab, viewName(data.key))
    else if (data.type === 'call') {
      post({ type: 'taken', tab: data.tab, call: data.call })
      void carryOut(client.commands, data).then(post)
    }
  }
  channel.addEventListener('message', listen)
  post({ type: 'leading', leader })

  return () => {
    channel.removeEventListener('message', listen)
    post({ type: 'leaving', leader })
  }
}

/** Notifies all tabs about a view, once for all changes in one turn. */
function shareView(client: ClientPort, key: ViewKey, post: (message: LeaderMessage) => void) {
  let planned = false
  return client.subscribe(key, () => {
    if (planned) return
    planned = true
    queueMicrotask(() => {
      planned = false
      post({ type: 'snapshot', key, value: client.snapshot(key) })
    })
  })
}

type Call = Extract<FollowerMessage, { type: 'call' }>

async function carryOut(
  commands: Commands,
  { tab, call, name, args }: Call,
): Promise<LeaderMessage> {
  try {
    const command = commands[name] as (...args: readonly unknown[]) => Promise<unknown>
    return { type: 'answer', tab, call, value: await command.apply(commands, [...args]) }
  } catch (thrown) {
    return { type: 'refusal', tab, call, failure: failureOf(thrown) }
  }
}
