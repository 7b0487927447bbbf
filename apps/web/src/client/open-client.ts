import { ChatClient, ClientError, type ClientPort } from '@sotto/sdk'
import { deviceName } from './device-name.ts'
import { createPasswordInWorker } from './password/password-in-worker.ts'
import { openIndexedDbStorage } from './storage/indexed-db-storage.ts'
import { createSharedClient } from './tabs/shared-client.ts'
import { waitsFor } from './waits-for.ts'

/**
 * This browser's client: this tab owns it, or uses that of another tab. `onError` is called if this tab has to take it
 * over later and can't open it.
 */
export async function openClient(onError: (error: unknown) => void): Promise<ClientPort> {
  const client = await createSharedClient(openOwnClient, onError)
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
    onError: (error) => {
      // A `ClientError` shows up in a view; anything else is a bug and goes to the console. So does a storage failure,
      // because the browser's own error is reported nowhere else.
      if (!(error instanceof ClientError)) reportError(error)
      else if (error.code === 'storage_failed') reportError(error.cause)
    },
  })
}

/** Once there are keys, asks the browser not to evict them when space runs short. */
function askToKeepStorage(client: ClientPort): void {
  const ask = () => {
    if (client.snapshot({ view: 'session' })?.stage !== 'ready') return
    stop()
    // The answer changes nothing: if the keys are lost anyway, there's the recovery code.
    void navigator.storage?.persist?.()
  }
  const stop = client.subscribe({ view: 'session' }, ask)
  ask()
}
