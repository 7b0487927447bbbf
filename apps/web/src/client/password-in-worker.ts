import { ClientError, type PasswordPort } from '@sotto/sdk'
import { workerUrl } from '../trusted-types.ts'
import type { PasswordAnswer, PasswordCall } from './password-calls.ts'
import passwordWorkerUrl from './password-worker.ts?worker&url'

interface Waiting {
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** OPAQUE in its worker, which starts with the first call: most visits need none. */
export function createPasswordInWorker(): PasswordPort {
  const waiting = new Map<number, Waiting>()
  let worker: Worker | undefined
  let lastCall = 0

  const failAll = () => {
    for (const { reject } of waiting.values()) reject(new ClientError('internal'))
    waiting.clear()
    worker?.terminate()
    worker = undefined
  }
  const start = () => {
    const started = new Worker(workerUrl(passwordWorkerUrl), { type: 'module', name: 'password' })
    started.addEventListener('message', ({ data }: MessageEvent<PasswordAnswer>) => {
      const asked = waiting.get(data.call)
      waiting.delete(data.call)
      if ('failed' in data) asked?.reject(new ClientError('internal'))
      else asked?.resolve(data.value)
    })
    started.addEventListener('error', failAll)
    return started
  }
  const ask =
    (step: keyof PasswordPort) =>
    (...args: readonly string[]) => {
      worker ??= start()
      const call = ++lastCall
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      waiting.set(call, { resolve, reject })
      worker.postMessage({ call, step, args } satisfies PasswordCall)
      return promise
    }
  return {
    startRegistration: ask('startRegistration'),
    finishRegistration: ask('finishRegistration'),
    startLogin: ask('startLogin'),
    finishLogin: ask('finishLogin'),
  } as PasswordPort
}
