import { ClientError, type PasswordPort } from '@sotto/sdk'
import { deferred } from '../../deferred.ts'
import { loadCode } from '../../load-code.ts'
import { workerUrl } from '../../trusted-types.ts'
import type { PasswordAnswer, PasswordCall } from './password-calls.ts'
import passwordWorkerUrl from './password-worker.ts?worker&url'

/** The longest step takes seconds on the slowest phone. A terminated worker never answers. */
const ANSWERS_WITHIN_MS = 60_000

interface Waiting {
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** OPAQUE in its worker, which starts at the first call: most visits need none. */
export function createPasswordInWorker(): PasswordPort {
  const waiting = new Map<number, Waiting>()
  let worker: Promise<Worker> | undefined
  let lastCall = 0

  const failAll = () => {
    for (const { reject } of waiting.values()) reject(new ClientError('internal'))
    waiting.clear()
    void worker?.then((started) => started.terminate())
    worker = undefined
  }
  const start = async () => {
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
  const running = () => {
    worker ??= loadCode(start, [passwordWorkerUrl]).catch((error: unknown) => {
      worker = undefined
      throw error
    })
    return worker
  }
  const ask =
    (step: keyof PasswordPort) =>
    async (...args: readonly string[]) => {
      // Some browsers can disable it, which removes the global altogether.
      if (!('WebAssembly' in globalThis)) throw new ClientError('no_web_assembly')
      const asked = await running()
      const call = ++lastCall
      const { promise, resolve, reject } = deferred<unknown>()
      waiting.set(call, { resolve, reject })
      asked.postMessage({ call, step, args } satisfies PasswordCall)
      const timer = setTimeout(failAll, ANSWERS_WITHIN_MS)
      return promise.finally(() => clearTimeout(timer))
    }
  return {
    startRegistration: ask('startRegistration'),
    finishRegistration: ask('finishRegistration'),
    startLogin: ask('startLogin'),
    finishLogin: ask('finishLogin'),
  } as PasswordPort
}
