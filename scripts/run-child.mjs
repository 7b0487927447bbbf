import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from './install.mjs'

/**
 * Ctrl-C reaches us from the terminal and again through npm. Signals within this time count as one.
 */
const sameWishMs = 1000

/** Node's compile cache, with which a program restarts in half the time. */
const compiled = join(root, 'node_modules', '.cache', 'sotto', 'compiled')

/**
 * Runs a program until it exits, forwards signals to it, and resolves to its exit status. The
 * program gets a separate process group, so that it receives each signal once, and a channel whose
 * end tells it that we are gone.
 */
export function runChild(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { NODE_COMPILE_CACHE: compiled, ...process.env },
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      detached: true,
    })
    let signalledAt = Number.NEGATIVE_INFINITY
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => {
        const now = performance.now()
        if (now - signalledAt < sameWishMs) return
        signalledAt = now
        child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal)
      })
    }
    child.on('error', (error) => {
      console.error(error.message)
      resolve(1)
    })
    child.on('exit', (code) => resolve(code ?? 1))
  })
}
