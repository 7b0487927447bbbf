import { z } from 'zod'

/** A command for a running cluster, and its answer. */
export const Request = z.strictObject({
  command: z.enum([
    'status',
    'health',
    'stop',
    'restart',
    'start-part',
    'stop-part',
    'rolling-restart',
    'reload',
    'rabbitmqctl',
  ]),
  args: z.array(z.string().max(4096)).max(64),
})
export type Request = z.infer<typeof Request>

/** One line of an answer: progress to print, then the result or the error. */
export const Answer = z.union([
  z.strictObject({ line: z.string() }),
  z.strictObject({ result: z.unknown() }),
  z.strictObject({ error: z.string() }),
])
export type Answer = z.infer<typeof Answer>

/** Runs a request. `print` sends a line to the caller. */
export type Commands = (request: Request, print: (line: string) => void) => Promise<unknown>

/** The control socket in the data folder. Only the user that runs the cluster may open it. */
export const SOCKET = 'control.sock'
