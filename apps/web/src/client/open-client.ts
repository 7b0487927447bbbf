import { ChatClient, ClientError, type ClientPort } from '@sotto/sdk'
import { deviceName } from './device-name.ts'
import { createPasswordInWorker } from './password/password-in-worker.ts'
import { openIndexedDbStorage } from './storage/indexed-db-storage.ts'
import { createSharedClient } from './tabs/shared-client.ts'
import { waitsFor } from './waits-for.ts'

/**
 * The client of this browser: this tab owns it, or uses the one of another tab. `failed` is told when the time
 * comes for this tab to own it, and it cannot be opened.
 */
export async function openClient(failed: (error: unknown) => void): Promise<ClientPort> {
  const client = await createSharedClient(openOwnClient, failed)
  askToKeepStorage(client)
  return client
}

async function openOwnClient(): Promise<ClientPort> {
  waitsFor.set('storage')
  const storage = await openIndexedDbStorage()
  waitsFor.set('account')
  return ChatClient.open({
    origin: location.origin,
    storage,
    deviceName: deviceName(navigator.userAgent),
    refreshIn: 'cookie',
    password: createPasswordInWorker(),
    failed: (error) => {
      // A `ClientError` shows in a view; anything else is a bug, and the console is where to find it. What a
      // browser says of its storage is told nowhere else.
      if (!(error instanceof ClientError)) reportError(error)
      else if (error.code === 'storage_failed') reportError(error.cause)
    },
  })
}

/** Once there are keys, asks the browser not to throw them away when space is short. */
function askToKeepStorage(client: ClientPort): void {
  const ask = () => {
    if (client.snapshot({ view: 'session' })?.stage !== 'ready') return
    stop()
    // The answer changes nothing: the recovery code is for the day they are gone all the same.
    void navigator.storage?.persist?.()
  }
  const stop = client.subscribe({ view: 'session' }, ask)
  ask()
}
