import { type AccountEvent, type BroadcastEvent, shardOf } from '@sotto/wire'
import { expect, test } from 'vitest'
import {
  accountIn,
  decided,
  eraBegan,
  eventFor,
  newInstance,
  quiet,
  sessionEnded,
} from '../samples.ts'

import type { AdapterUnderTest } from './adapter-under-test.ts'

/** Events: each goes to everyone who subscribed. */
export function testEvents(adapter: AdapterUnderTest) {
  test('an event for several shards reaches a subscription once, and no subscription of other shards', async () => {
    const [here, there] = [await adapter.join(), await adapter.join()]
    const near: AccountEvent[] = []
    const far: AccountEvent[] = []
    await here.subscribeShards([1, 2, 3], (event) => near.push(event))
    await there.subscribeShards([9], (event) => far.push(event))
    const [alice, bob] = [accountIn(1), accountIn(2)]
    expect([alice, bob].map(shardOf)).toEqual([1, 2])

    const event = eventFor(alice, bob)
    const other = eventFor(accountIn(9), accountIn(9))
    // In one tick: events that travel together still reach only their recipients.
    const published = Promise.all([there.publishToShards(event), there.publishToShards(other)])
    expect(near).toEqual([])
    await published
    await expect.poll(() => near.length + far.length).toBe(2)
    await quiet()

    expect(near).toEqual([event])
    expect(far).toEqual([other])
  })

  test('the shards of a subscription can change, and a closed subscription receives nothing', async () => {
    const [here, there] = [await adapter.join(), await adapter.join()]
    const heard: AccountEvent[] = []
    const subscription = await here.subscribeShards([1], (event) => heard.push(event))
    await subscription.setShards([2])
    const [before, after] = [eventFor(accountIn(1)), eventFor(accountIn(2))]
    await there.publishToShards(before)
    await there.publishToShards(after)
    await expect.poll(() => heard).toEqual([after])

    await subscription.close()
    await there.publishToShards(after)
    await quiet()
    expect(heard).toEqual([after])
  })

  test('after `setShards` resolves, no event for the added shards is missed', async () => {
    const [here, there] = [await adapter.join(), await adapter.join()]
    const heard: AccountEvent[] = []
    const subscription = await here.subscribeShards([], (event) => heard.push(event))
    for (let shard = 0; shard < 64; shard += 1) {
      await subscription.setShards([shard])
      await there.publishToShards(eventFor(accountIn(shard)))
      await expect.poll(() => heard.length, { interval: 2 }).toBe(shard + 1)
    }
  })

  test('a decided batch reaches only its instance, a session event reaches all', async () => {
    const [one, two] = [await adapter.join(), await adapter.join()]
    const [here, there] = [newInstance(), newInstance()]
    const heard: string[] = []
    await one.subscribeInstance(here, () => heard.push('decided here'))
    await two.subscribeInstance(there, () => heard.push('decided there'))
    await one.subscribeAll(() => heard.push('ended'))
    await two.subscribeAll(() => heard.push('ended'))

    await two.publishToInstance(here, decided())
    await one.publishToAll(sessionEnded())
    await expect.poll(() => heard.length).toBe(3)
    await quiet()

    expect(heard.toSorted()).toEqual(['decided here', 'ended', 'ended'])
  })

  test('every event for all processes reaches each of them', async () => {
    const [one, two] = [await adapter.join(), await adapter.join()]
    const heard: BroadcastEvent[] = []
    await one.subscribeAll((event) => heard.push(event))
    await two.subscribeAll((event) => heard.push(event))
    const [session, era] = [sessionEnded(), eraBegan()]

    await one.publishToAll(session)
    await two.publishToAll(era)
    await expect.poll(() => heard.length).toBe(4)
    await quiet()

    const texts = (events: BroadcastEvent[]) => events.map((event) => JSON.stringify(event)).sort()
    expect(texts(heard)).toEqual(texts([session, session, era, era]))
  })

  test('an event without recipients is accepted', async () => {
    const broker = await adapter.join()
    await broker.publishToShards(eventFor(accountIn(5)))
    await broker.publishToInstance(newInstance(), decided())
  })

  test('a handler that throws is logged and does not affect other handlers', async () => {
    const broker = await adapter.join()
    const heard: AccountEvent[] = []
    await broker.subscribeShards([1], () => {
      throw new Error('a bug')
    })
    await broker.subscribeShards([1], (event) => heard.push(event))
    await broker.publishToShards(eventFor(accountIn(1)))

    await expect.poll(() => heard.length).toBe(1)
    expect(adapter.logged()).toContain('an event handler failed')
  })
}
