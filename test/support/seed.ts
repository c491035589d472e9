import fc from 'fast-check'

// One seed for every run, so that a red test is red again; GB10_SEED takes another, and `npm run proof` always does.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env['GB10_SEED'] ?? 20_261_120) })
