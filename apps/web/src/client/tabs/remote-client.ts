import type { ClientPort, Commands } from '@sotto/sdk'
import { createPendingCalls, type PendingCall } from './pending-calls.ts'
import { createRemoteViews } from './remote-views.ts'
import type { CommandName, FollowerMessage, LeaderMessage } from './tab-messages.ts'

/** A proxy for a client in another tab. */
export interface RemoteClient extends ClientPort {
  /** The leader is known to be gone: calls wait for the next one. */
  leaderLost(): void
  /** Stops listening and returns the calls that this tab's own client must carry out. */
  close(): PendingCall[]
}

/** Creates the proxy for this tab, `tab`. Calls wait until a leader announces itself. */
export function createRemoteClient(channel: BroadcastChannel, tab: string): RemoteClient {
  const calls = createPendingCalls()
  let leader: string | null = null
  const post = (message: FollowerMessage) => channel.postMessage(message)
  const views = createRemoteViews((type, key) => leader && post({ type, tab, key }))

  const send = ({ call, name, args }: PendingCall) => post({ type: 'call', tab, call, name, args })
  const follow = (next: string) => {
    if (next === leader) return
    leader = next
    // Once a tab has joined, the leader watches it and drops its subscriptions when it goes away.
    post({ type: 'join', tab })
    for (const key of views.keys()) post({ type: 'subscribe', tab, key })
    for (const pending of calls.afterLoss()) send(pending)
  }
  const listen = ({ data }: MessageEvent<LeaderMessage>) => {
    if (data.type === 'leading') follow(data.leader)
    else if (data.type === 'leaving' && data.leader === leader) leader = null
    else if (data.type === 'snapshot') views.show(data.key, data.value)
    else if (data.type === 'taken' && data.tab === tab) calls.begin(data.call)
    else if (data.type === 'answer' && data.tab === tab) calls.answer(data.call, data.value)
    else if (data.type === 'refusal' && data.tab === tab) calls.refuse(data.call, data.failure)
  }
  const call = (name: CommandName, args: readonly unknown[]) => {
    const { added, promise } = calls.add(name, args)
    if (leader) send(added)
    return promise
  }

  channel.addEventListener('message', listen)
  post({ type: 'join', tab })
  return {
    commands: commandsOver(call),
    snapshot: views.snapshot,
    subscribe: views.subscribe,
    leaderLost() {
      leader = null
    },
    close() {
      channel.removeEventListener('message', listen)
      return calls.afterLoss()
    },
  }
}

/** All commands, each as one invocation of `call`. */
export function commandsOver(
  call: (name: CommandName, args: readonly unknown[]) => Promise<unknown>,
): Commands {
  const known = new Map<string | symbol, unknown>()
  return new Proxy({} as Commands, {
    get(_, name) {
      if (!known.has(name)) {
        known.set(name, (...args: unknown[]) => call(name as CommandName, args))
      }
      return known.get(name)
    },
  })
}
