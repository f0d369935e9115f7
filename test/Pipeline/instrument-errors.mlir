// What can't be instrumented.
// RUN: not tile-opt %s --split-input-file --tile-instrument 2>&1 | FileCheck %s

// CHECK: error: only a kernel in phase 'pipelined' can be instrumented; this is in phase 'tile'
tile.kernel @early() attributes {phase = #tile.phase<tile>} {
  tile.return
}

// -----

// CHECK: error: is instrumented already
tile.kernel @twice() attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %t = arith.constant 0 : i32
  tile.stamp await[%t] at 0
  tile.return
}

// -----

// CHECK: error: 'tile.stamp' op does not belong in phase 'planned', where nothing is in flight yet
tile.kernel @stamped() attributes {phase = #tile.phase<planned>, target = "cpu"} {
  %t = arith.constant 0 : i32
  tile.stamp await[%t] at 0
  tile.return
}
