// Loaded before all else. With both set Node ignores NO_COLOR, and says so on stderr; here the refusal wins, see terminal.ts.
if (process.env['NO_COLOR'] || process.env['GB10_NO_COLOR']) delete process.env['FORCE_COLOR']
