// What can't be placed, and layouts that don't keep the rules of the placed phase.
// RUN: tile-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(tile.kernel(tile-place))'

// expected-error @+1 {{only a kernel in phase 'pipelined' can be placed; this is in phase 'tile'}}
tile.kernel @early() attributes {phase = #tile.phase<tile>} {
  tile.return
}

// -----

// expected-error @+1 {{a kernel that is to be placed says how many warps it has, a power of two}}
tile.kernel @warps() attributes {phase = #tile.phase<pipelined>, target = "sm_80"} {
  tile.return
}

// -----

// expected-error @+1 {{a kernel that is to be placed says how many warps it has, a power of two}}
tile.kernel @three() attributes {phase = #tile.phase<pipelined>, target = "sm_80", num_warps = 3} {
  tile.return
}
