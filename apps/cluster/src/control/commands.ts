import { z } from 'zod'

/** What a running cluster can be told, and what it answers. */
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

/** One line of an answer: lines to show while it works, then the result or what went wrong. */
export const Answer = z.union([
  z.strictObject({ line: z.string() }),
  z.strictObject({ result: z.unknown() }),
  z.strictObject({ error: z.string() }),
])
export type Answer = z.infer<typeof Answer>

/** Carries out a request; `print` shows a line to whoever sent it. */
export type Commands = (request: Request, print: (line: string) => void) => Promise<unknown>

/** Of a running cluster, in its data folder. Only the user it runs as may open it. */
export const SOCKET = 'control.sock'
