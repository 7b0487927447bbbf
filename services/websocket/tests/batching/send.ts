import type { NewEnvelope } from '@sotto/wire'
import type { Device } from '../testbed.ts'

export const send = (device: Device, ...envelopes: NewEnvelope[]) =>
  device.send({ type: 'send', envelopes })

/** Waits until everything that will happen has probably happened. */
export const settle = (ms = 30) => new Promise((resolve) => setTimeout(resolve, ms))
