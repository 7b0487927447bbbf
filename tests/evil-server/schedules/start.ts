import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

export interface Ended {
  readonly status: number | null
  readonly output: string
}

/** Runs schedules in a process of their own, as `npm run test:evil` does. */
export async function startSchedules(
  options: { readonly from: number; readonly schedules: number },
  plant?: string,
): Promise<Ended> {
  const planted =
    plant === undefined
      ? []
      : ['--import', new URL(`planted/plant-${plant}.ts`, import.meta.url).href]
  const child = spawn(
    process.execPath,
    [
      ...[
        '--disable-warning=ExperimentalWarning',
        ...planted,
        new URL('main.ts', import.meta.url).pathname,
      ],
      ...['--from', String(options.from), '--schedules', String(options.schedules), '--bail'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } },
  )
  const status = new Promise<number | null>((resolve) => child.on('close', resolve))
  return { output: await text(child.stdout), status: await status }
}
