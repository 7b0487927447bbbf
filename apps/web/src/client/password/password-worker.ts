import type { PasswordPort } from '@sotto/sdk'
import * as password from '@sotto/sdk/password'
import type { PasswordAnswer, PasswordCall } from './password-calls.ts'

// OPAQUE stretches the password for half a second in WebAssembly. It runs in this worker to keep the page responsive,
// and so that only the worker's own response has to allow WebAssembly.

const port: PasswordPort = password
const answer = (message: PasswordAnswer) => postMessage(message)

addEventListener('message', async ({ data }: MessageEvent<PasswordCall>) => {
  try {
    const step = port[data.step] as (...args: readonly string[]) => Promise<unknown>
    answer({ call: data.call, value: await step(...data.args) })
  } catch {
    answer({ call: data.call, failed: true })
  }
})
