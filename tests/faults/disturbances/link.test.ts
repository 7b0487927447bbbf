import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eventually } from '../../network/eventually.ts'
import { Link } from './link.ts'

test('data written after a delay has ended does not overtake delayed data', async () => {
  let received = ''
  const server = createServer((socket) => {
    socket.on('data', (bytes) => {
      received += bytes
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  await using link = await Link.to((server.address() as AddressInfo).port)
  const socket = connect(link.port, '127.0.0.1')
  await once(socket, 'connect')

  link.delayMs = 200
  socket.write('first ')
  await sleep(50)
  link.delayMs = 0
  socket.write('second')

  await eventually('both', () => received.length >= 'first second'.length)
  expect(received).toBe('first second')
  socket.destroy()
  server.close()
})
