import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from './install.mjs'

/** Ctrl-C reaches us from the terminal and again through npm: that is one wish, not two. */
const sameWishMs = 1000

/** Where Node keeps what it has compiled: a program is up in half the time when it starts again. */
const compiled = join(root, 'node_modules', '.cache', 'sotto', 'compiled')

/**
 * Runs a program until it ends, passes signals on to it, and resolves to its exit status. The program
 * gets a process group of its own, so that each signal reaches it once, and a channel whose end tells it
 * that we are gone.
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
