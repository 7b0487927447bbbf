import { type ClientPort, type Commands, type ViewKey, type Views, viewName } from '@sotto/sdk'
import { deferred } from '../../deferred.ts'
import { lead } from './leader.ts'
import { commandsOver, createRemoteClient } from './remote-client.ts'
import { CHANNEL, type CommandName, LEADER_LOCK, tabLock } from './tab-messages.ts'

interface Tabs {
  readonly locks: LockManager
  readonly openChannel: () => BroadcastChannel
}

interface Subscription {
  readonly key: ViewKey
  readonly onChange: () => void
  stop: () => void
}

const browserTabs: Tabs = {
  get locks() {
    return navigator.locks
  },
  openChannel: () => new BroadcastChannel(CHANNEL),
}

/** A client for this tab, wherever the real one lives. */
export interface SharedClient extends ClientPort {
  /** Releases the client, so that another tab takes over. */
  leave(): void
}

/**
 * Shares one client among several tabs. Two clients on one storage would both send the outbox and reuse message
 * counters, so the tab that holds the lock owns the client, and the others use it through a channel. When the owner
 * closes, the next tab gets the lock and creates its own client. If that fails, `onError` is called, and the lock is
 * free for another tab.
 */
export async function createSharedClient(
  createOwn: () => Promise<ClientPort>,
  onError: (error: unknown) => void,
  { locks, openChannel }: Tabs = browserTabs,
): Promise<SharedClient> {
  const tab = crypto.randomUUID()
  const channel = openChannel()
  const { promise: left, resolve: leave } = deferred<void>()
  await hold(locks, tabLock(tab), left)

  const remote = createRemoteClient(channel, tab)
  const subscriptions = new Set<Subscription>()
  const read = new Set<string>()
  let current: ClientPort = remote

  const takeOver = async () => {
    remote.leaderLost()
    const own = await createOwn()
    const pending = remote.close()
    current = own
    const stop = lead(own, channel, locks)
    void left.then(stop).then(() => channel.close())
    for (const subscription of subscriptions) {
      subscription.stop = own.subscribe(subscription.key, subscription.onChange)
      subscription.onChange()
    }
    for (const { name, args, resolve, reject } of pending) {
      run(own.commands, name, args).then(resolve, reject)
    }
  }
  locks
    .request(LEADER_LOCK, async () => {
      await takeOver()
      await left
    })
    .catch(onError)

  return {
    commands: commandsOver((name, args) => run(current.commands, name, args)),
    snapshot<K extends ViewKey>(key: K): Views[K['view']] | undefined {
      const value = current.snapshot(key)
      if (current === remote || read.has(viewName(key))) return value
      // While a new owner reads its storage, the last snapshot stays on the screen.
      if (value === undefined) return remote.snapshot(key)
      read.add(viewName(key))
      return value
    },
    subscribe(key, onChange) {
      const subscription = { key, onChange, stop: current.subscribe(key, onChange) }
      subscriptions.add(subscription)
      return () => {
        subscriptions.delete(subscription)
        subscription.stop()
      }
    },
    leave,
  }
}

/** Resolves once the lock is held; it is held until `until` resolves. */
function hold(locks: LockManager, name: string, until: Promise<void>): Promise<void> {
  const { promise, resolve, reject } = deferred<void>()
  locks
    .request(name, () => {
      resolve()
      return until
    })
    .catch(reject)
  return promise
}

function run(commands: Commands, name: CommandName, args: readonly unknown[]): Promise<unknown> {
  const command = commands[name] as (...args: readonly unknown[]) => Promise<unknown>
  return command(...args)
}
