import { expect, test } from 'vitest'
import { type Findings, ruleOnEra } from '../../src/domain/eras/rule-on-era.ts'

const place = { home: '7/00000002/5', server: 'new', firstXid: '9', isStandby: false }
const current = { era: 'e', home: '7/00000001/5', server: 'old', beganOn: 'old' }
const compared = { id: 'one', home: place.home }
const silent = { id: 'two', home: current.home }

/** The only instance ran before the failover and has lost nothing. */
const promoted: Findings = {
  place,
  current,
  isMissing: false,
  isFresh: false,
  others: [],
  isGraceOver: false,
}

test.each<[string, Partial<Findings>, string]>([
  ['there was no era yet', { current: undefined }, 'first'],
  ['a dump was restored', { current: { ...current, home: '7/00000001/4' } }, 'elsewhere'],
  [
    'the cluster is a different one',
    { current: { ...current, home: '8/00000001/5' } },
    'elsewhere',
  ],
  ['the operator restored a folder', { current: { ...current, home: 'put back' } }, 'elsewhere'],
  ['something accepted is missing', { isMissing: true }, 'missing'],
  [
    'something is missing that another instance did not have',
    { isMissing: true, current: { ...current, home: place.home, server: 'new' } },
    'missing',
  ],
  ['nothing is missing', {}, 'continue'],
  ['another instance has decided', { current: { ...current, server: 'new' } }, 'same'],
  [
    'another instance decided before the start',
    { isFresh: true, current: { ...current, home: place.home, server: 'new' } },
    'same',
  ],
  ['PostgreSQL was restarted', { current: { ...current, home: place.home } }, 'continue'],
  [
    'PostgreSQL was restarted before the start',
    { isFresh: true, current: { ...current, home: place.home } },
    'continue',
  ],
  ['all have compared', { others: [compared] }, 'continue'],
  ['another instance has not compared yet', { others: [compared, silent] }, 'wait'],
  [
    'another instance never compares',
    { others: [compared, silent], isGraceOver: true },
    'unproven',
  ],
  ['no instance is left that could know', { isFresh: true }, 'unproven'],
  ['others may know', { isFresh: true, others: [silent] }, 'wait'],
  ['others know, and are about to decide', { isFresh: true, others: [compared] }, 'wait'],
  ['others never returned', { isFresh: true, others: [silent], isGraceOver: true }, 'unproven'],
])('%s', (_, findings, ruling) => {
  expect(ruleOnEra({ ...promoted, ...findings })).toBe(ruling)
})
