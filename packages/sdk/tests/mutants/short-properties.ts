import fc from 'fast-check'

// Nobody needs the smallest counterexample, and a mutant that is killed once is killed again.
fc.configureGlobal({ endOnFailure: true, seed: 1 })
